package main

import (
	"bytes"
	"fmt"
	"go/doc"
	"strings"

	"github.com/parleychat/parley/internal/outline"
)

const banner = "// Generated from package protocol by web/protocolgen. Do not edit.\n"

// generate returns the TypeScript text for the package in dir: every string
// constant as a constant, every struct as an interface with its doc comments,
// in the order of the files.
func generate(dir string) ([]byte, error) {
	protocol, err := outline.Read(dir)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(banner)
	for _, part := range protocol.Parts {
		out.WriteString("\n")
		switch part := part.(type) {
		case *outline.Constants:
			writeConstants(&out, part)
		case *outline.Struct:
			writeInterface(&out, part)
		}
	}
	return out.Bytes(), nil
}

func writeConstants(out *bytes.Buffer, group *outline.Constants) {
	if group.Doc != "" {
		writeComment(out, "", group.Doc)
		out.WriteString("\n")
	}
	for _, constant := range group.List {
		writeComment(out, "", constant.Comment)
		fmt.Fprintf(out, "export const %s = %s;\n", constant.Name, quote(constant.Value))
	}
}

// writeInterface writes the struct's fields by their JSON names. An embedded
// struct becomes an interface that this one extends, as its fields are
// promoted in the JSON too.
func writeInterface(out *bytes.Buffer, s *outline.Struct) {
	var bases []string
	var fields bytes.Buffer
	for _, field := range s.Fields {
		if field.Embeds != "" {
			bases = append(bases, field.Embeds)
			continue
		}
		writeField(&fields, field)
	}
	extends := ""
	if len(bases) > 0 {
		extends = " extends " + strings.Join(bases, ", ")
	}
	writeComment(out, "", s.Doc)
	fmt.Fprintf(out, "export interface %s%s {\n%s}\n", s.Name, extends, fields.String())
}

func writeField(out *bytes.Buffer, field outline.Field) {
	kind := field.Tag.Get("ts")
	if kind == "" {
		kind = typeNamed(field.Type.Name)
		if field.Type.Array {
			kind += "[]"
		}
	}
	optional := ""
	if field.Optional {
		optional = "?"
	}
	writeComment(out, "  ", field.Tag.Get("doc"))
	fmt.Fprintf(out, "  %s%s: %s;\n", field.Name, optional, kind)
}

func typeNamed(name string) string {
	switch name {
	case "string":
		return "string"
	case "bool":
		return "boolean"
	case "int", "int64", "uint64", "float64":
		return "number" // ids and seqs stay far below 2⁵³
	case outline.Raw:
		return "unknown"
	}
	return name
}

func writeComment(out *bytes.Buffer, indent, text string) {
	text = strings.TrimSpace(plain(text))
	switch {
	case text == "":
	case strings.Contains(text, "\n"):
		fmt.Fprintf(out, "%s/**\n", indent)
		for line := range strings.SplitSeq(text, "\n") {
			out.WriteString(strings.TrimRight(indent+" * "+line, " ") + "\n")
		}
		fmt.Fprintf(out, "%s */\n", indent)
	default:
		fmt.Fprintf(out, "%s/** %s */\n", indent, text)
	}
}

// plain is a Go doc comment as running text, which must not end the
// TypeScript comment that it becomes.
func plain(text string) string {
	var printer doc.Package
	return strings.ReplaceAll(string(printer.Text(text)), "*/", "* /")
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
