//go:build planted_answer_first

package planted

const bug = "AnswerFirst"
