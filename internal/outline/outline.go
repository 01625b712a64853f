// Package outline reads a package like protocol as its authors wrote it: the
// string constants and the structs, with the comments and tags that document
// them. What is made of that package, and must not fall behind it, is made of
// its outline: the TypeScript types (web/protocolgen) and the AsyncAPI
// document (internal/asyncapi).
package outline

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Package is a package in the order of its files.
type Package struct {
	Doc   string // the package comment
	Parts []Part
}

// Part is one declaration: *Constants or *Struct.
type Part interface{ part() }

// Constants is one group of string constants.
type Constants struct {
	Doc  string // comment of the group
	List []Constant
}

// Constant is one string constant.
type Constant struct {
	Name    string
	Value   string
	Comment string // behind it, on its line
}

// Struct is one struct.
type Struct struct {
	Name   string
	Doc    string
	Fields []Field
}

// Field is a field, or an embedded struct.
type Field struct {
	Embeds   string // name of the struct; nothing else is set then
	Name     string // in JSON
	Optional bool   // a pointer, or omitempty
	Type     Type
	Tag      reflect.StructTag
}

// Type is the type of a field.
type Type struct {
	// Name is one of string, bool, int, int64, uint64, float64, the name of a
	// struct of the package, or [Raw].
	Name  string
	Array bool
}

// Raw is the type name of JSON that the package does not look into. The tag ts
// says what it is.
const Raw = "json.RawMessage"

func (*Constants) part() {}
func (*Struct) part()    {}

// Constants returns all constants.
func (p *Package) Constants() []Constant {
	var all []Constant
	for _, part := range p.Parts {
		if group, ok := part.(*Constants); ok {
			all = append(all, group.List...)
		}
	}
	return all
}

// Struct returns the struct of this name, or nil.
func (p *Package) Struct(name string) *Struct {
	for _, part := range p.Parts {
		if s, ok := part.(*Struct); ok && s.Name == name {
			return s
		}
	}
	return nil
}

// Flat returns the struct's fields with those of embedded structs in their
// place, as they stand in the JSON.
func (p *Package) Flat(s *Struct) []Field {
	var all []Field
	for _, field := range s.Fields {
		if field.Embeds == "" {
			all = append(all, field)
		} else if base := p.Struct(field.Embeds); base != nil {
			all = append(all, p.Flat(base)...)
		}
	}
	return all
}

// Read reads the package in dir, without its tests. Its error names what has no
// place in such a package.
func Read(dir string) (*Package, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	p := new(Package)
	files := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if err := p.add(file); err != nil {
			return nil, err
		}
	}
	if len(p.Parts) == 0 {
		return nil, fmt.Errorf("%s: no Go files", dir)
	}
	return p, nil
}

func (p *Package) add(file *ast.File) error {
	p.Doc += file.Doc.Text()
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		var err error
		switch general.Tok {
		case token.CONST:
			err = p.addConstants(general)
		case token.TYPE:
			err = p.addStructs(general)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Package) addConstants(declaration *ast.GenDecl) error {
	group := &Constants{Doc: declaration.Doc.Text()}
	for _, spec := range declaration.Specs {
		constant := spec.(*ast.ValueSpec)
		name := constant.Names[0].Name
		if len(constant.Names) != 1 || len(constant.Values) != 1 {
			return fmt.Errorf("%s: one name and one value per constant, please", name)
		}
		literal, ok := constant.Values[0].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return fmt.Errorf("%s: only string constants have a place in the protocol", name)
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.List = append(group.List, Constant{Name: name, Value: value, Comment: strings.TrimSpace(constant.Comment.Text())})
	}
	p.Parts = append(p.Parts, group)
	return nil
}

func (p *Package) addStructs(declaration *ast.GenDecl) error {
	for _, spec := range declaration.Specs {
		named := spec.(*ast.TypeSpec)
		structure, ok := named.Type.(*ast.StructType)
		if !ok {
			return fmt.Errorf("%s: only structs have a place in the protocol", named.Name.Name)
		}
		s := &Struct{Name: named.Name.Name, Doc: named.Doc.Text()}
		if s.Doc == "" {
			s.Doc = declaration.Doc.Text()
		}
		for _, field := range structure.Fields.List {
			read, err := readField(field)
			if err != nil {
				return fmt.Errorf("%s.%w", s.Name, err)
			}
			s.Fields = append(s.Fields, read...)
		}
		p.Parts = append(p.Parts, s)
	}
	return nil
}

// readField reads one field; one that has no place in the JSON is left out. Its
// error begins with the field's name.
func readField(field *ast.Field) ([]Field, error) {
	if len(field.Names) == 0 {
		base, ok := field.Type.(*ast.Ident)
		if !ok {
			return nil, fmt.Errorf("%T: it is embedded and no struct of the package", field.Type)
		}
		return []Field{{Embeds: base.Name}}, nil
	}
	name := field.Names[0].Name
	if field.Tag == nil {
		return nil, fmt.Errorf("%s: no tag", name)
	}
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	tag := reflect.StructTag(text)
	property, options, _ := strings.Cut(tag.Get("json"), ",")
	switch property {
	case "-":
		return nil, nil
	case "":
		return nil, fmt.Errorf("%s: no json name", name)
	}
	kind, err := typeOf(field.Type)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, pointer := field.Type.(*ast.StarExpr)
	optional := pointer || slices.Contains(strings.Split(options, ","), "omitempty")
	return []Field{{Name: property, Optional: optional, Type: kind, Tag: tag}}, nil
}

func typeOf(expression ast.Expr) (Type, error) {
	switch e := expression.(type) {
	case *ast.Ident:
		return Type{Name: e.Name}, nil
	case *ast.StarExpr:
		return typeOf(e.X)
	case *ast.ArrayType:
		element, err := typeOf(e.Elt)
		element.Array = true
		return element, err
	case *ast.SelectorExpr:
		if e.Sel.Name == "RawMessage" {
			return Type{Name: Raw}, nil
		}
	}
	return Type{}, fmt.Errorf("its type, %T, has no place in the protocol", expression)
}
