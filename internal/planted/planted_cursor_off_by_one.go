//go:build planted_cursor_off_by_one

package planted

const bug = "CursorOffByOne"
