//go:build planted_deleted_text_kept

package planted

const bug = "DeletedTextKept"
