package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const banner = "// Generated from package protocol by web/protocolgen. Do not edit.\n"

// generate returns the TypeScript text for the package in dir: every string
// constant as a constant, every struct as an interface with its doc comments,
// in the order of the files.
func generate(dir string) ([]byte, error) {
	files, err := parse(dir)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(banner)
	for _, file := range files {
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok {
				continue
			}
			switch general.Tok {
			case token.CONST:
				err = writeConstants(&out, general)
			case token.TYPE:
				err = writeTypes(&out, general)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return out.Bytes(), nil
}

// parse reads the package's files, without its tests, in the order of their names.
func parse(dir string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var files []*ast.File
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no Go files", dir)
	}
	return files, nil
}

func writeConstants(out *bytes.Buffer, declaration *ast.GenDecl) error {
	out.WriteString("\n")
	if group := declaration.Doc.Text(); group != "" {
		writeComment(out, "", group)
		out.WriteString("\n")
	}
	for _, spec := range declaration.Specs {
		constant := spec.(*ast.ValueSpec)
		if len(constant.Names) != 1 || len(constant.Values) != 1 {
			return fmt.Errorf("%s: one name and one value per constant, please", constant.Names[0].Name)
		}
		literal, ok := constant.Values[0].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return fmt.Errorf("%s: only string constants have a place in the protocol", constant.Names[0].Name)
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", constant.Names[0].Name, err)
		}
		writeComment(out, "", constant.Comment.Text())
		fmt.Fprintf(out, "export const %s = %s;\n", constant.Names[0].Name, quote(value))
	}
	return nil
}

func writeTypes(out *bytes.Buffer, declaration *ast.GenDecl) error {
	for _, spec := range declaration.Specs {
		named := spec.(*ast.TypeSpec)
		structure, ok := named.Type.(*ast.StructType)
		if !ok {
			return fmt.Errorf("%s: only structs have a place in the protocol", named.Name.Name)
		}
		comment := named.Doc.Text()
		if comment == "" {
			comment = declaration.Doc.Text()
		}
		out.WriteString("\n")
		writeComment(out, "", comment)
		if err := writeInterface(out, named.Name.Name, structure); err != nil {
			return err
		}
	}
	return nil
}

// writeInterface writes the struct's fields by their JSON names. An embedded
// struct becomes an interface that this one extends, as its fields are
// promoted in the JSON too.
func writeInterface(out *bytes.Buffer, name string, structure *ast.StructType) error {
	var bases []string
	var fields bytes.Buffer
	for _, field := range structure.Fields.List {
		if len(field.Names) == 0 {
			base, ok := field.Type.(*ast.Ident)
			if !ok {
				return fmt.Errorf("%s: it embeds something that is no struct of the package", name)
			}
			bases = append(bases, base.Name)
			continue
		}
		if err := writeField(&fields, name, field); err != nil {
			return err
		}
	}
	extends := ""
	if len(bases) > 0 {
		extends = " extends " + strings.Join(bases, ", ")
	}
	fmt.Fprintf(out, "export interface %s%s {\n%s}\n", name, extends, fields.String())
	return nil
}

func writeField(out *bytes.Buffer, owner string, field *ast.Field) error {
	tag, err := tagOf(field)
	if err != nil {
		return fmt.Errorf("%s.%s: %w", owner, field.Names[0].Name, err)
	}
	property, options, _ := strings.Cut(tag.Get("json"), ",")
	if property == "-" {
		return nil
	}
	if property == "" {
		return fmt.Errorf("%s.%s: no json name", owner, field.Names[0].Name)
	}
	kind := tag.Get("ts")
	if kind == "" {
		if kind, err = typeOf(field.Type); err != nil {
			return fmt.Errorf("%s.%s: %w", owner, field.Names[0].Name, err)
		}
	}
	_, pointer := field.Type.(*ast.StarExpr)
	optional := ""
	if pointer || slices.Contains(strings.Split(options, ","), "omitempty") {
		optional = "?"
	}
	writeComment(out, "  ", tag.Get("doc"))
	fmt.Fprintf(out, "  %s%s: %s;\n", property, optional, kind)
	return nil
}

func tagOf(field *ast.Field) (reflect.StructTag, error) {
	if field.Tag == nil {
		return "", fmt.Errorf("no tag")
	}
	text, err := strconv.Unquote(field.Tag.Value)
	return reflect.StructTag(text), err
}

// typeOf is the TypeScript type of what encoding/json makes of a Go type.
func typeOf(expression ast.Expr) (string, error) {
	switch e := expression.(type) {
	case *ast.Ident:
		return typeNamed(e.Name), nil
	case *ast.StarExpr:
		return typeOf(e.X)
	case *ast.ArrayType:
		element, err := typeOf(e.Elt)
		return element + "[]", err
	case *ast.SelectorExpr:
		if e.Sel.Name == "RawMessage" {
			return "unknown", nil
		}
	}
	return "", fmt.Errorf("no TypeScript type is known for %T", expression)
}

func typeNamed(name string) string {
	switch name {
	case "string":
		return "string"
	case "bool":
		return "boolean"
	case "int", "int64", "uint64", "float64":
		return "number" // ids and seqs stay far below 2⁵³
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
