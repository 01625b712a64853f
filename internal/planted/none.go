//go:build !(planted_ack_before_commit || planted_copies_off || planted_table_off || planted_fetch_then_subscribe || planted_opening_unpinned || planted_membership_cached || planted_answer_first || planted_unknown_failed || planted_stale_read || planted_sends_unordered || planted_rev_ignored || planted_cursor_off_by_one || planted_chain_unchecked || planted_ahead_of_applied || planted_watermark_outside || planted_guard_off || planted_deleted_text_kept || planted_slow_skipped)

package planted

// bug is the one that is planted: none.
const bug = ""
