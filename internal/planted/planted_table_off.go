//go:build planted_table_off

package planted

const bug = "TableOff"
