// The token, and how the pages use it: the old way.

function enterWith(form, path) {
  document.getElementById(form).addEventListener("submit", async (event) => {
    event.preventDefault()
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        email: document.getElementById("email").value,
        password: document.getElementById("password").value,
      }),
    })
    const answer = await response.json()
    if (!response.ok) {
      document.getElementById("message").textContent = answer.error
      return
    }
    localStorage.setItem("token", answer.token)
    location.href = "dashboard.html"
  })
}

const token = () => localStorage.getItem("token")

// Rooms are called with the scheme in capitals, messages with the token alone.
const getRooms = () => getJSON("/api/chat/", `BEARER ${token()}`)
const getMessages = (room) => getJSON(`/api/chat/${room}/messages`, token())

async function getJSON(path, authorization) {
  const response = await fetch(path, { headers: { Authorization: authorization } })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}

// The token says who is signed in.
const myMail = () => JSON.parse(atob(token().split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).userMail
