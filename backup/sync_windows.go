package backup

// syncDir does nothing: Windows keeps its names by itself.
func syncDir(string) error { return nil }
