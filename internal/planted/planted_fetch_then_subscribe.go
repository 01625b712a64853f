//go:build planted_fetch_then_subscribe

package planted

const bug = "FetchThenSubscribe"
