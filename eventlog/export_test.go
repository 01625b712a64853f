package eventlog

// WriterExec runs a statement on the writer's connection. Only for a moment at
// which nothing is being appended or trimmed.
func (l *SQLite) WriterExec(query string) error { return l.writer.conn.exec(query) }
