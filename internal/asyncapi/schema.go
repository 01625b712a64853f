package asyncapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parleychat/parley/internal/outline"
)

// schemas makes JSON schemas (draft 07) of the package's structs.
type schemas struct {
	source *outline.Package
	made   object
	begun  []string
}

// reference is the schema of a type; of a struct a reference to its schema,
// which is made the first time.
func (s *schemas) reference(t outline.Type) (object, error) {
	one, err := s.single(t.Name)
	if err != nil || !t.Array {
		return one, err
	}
	return object{{"type", "array"}, {"items", one}}, nil
}

func (s *schemas) single(name string) (object, error) {
	switch name {
	case "string":
		return object{{"type", "string"}}, nil
	case "bool":
		return object{{"type", "boolean"}}, nil
	case "int", "int64":
		return object{{"type", "integer"}}, nil
	case "uint64":
		return object{{"type", "integer"}, {"minimum", 0}}, nil
	case "float64":
		return object{{"type", "number"}}, nil
	case outline.Raw:
		return object{}, nil
	}
	structure := s.source.Struct(name)
	if structure == nil {
		return nil, fmt.Errorf("there is no struct %s", name)
	}
	if !slices.Contains(s.begun, name) {
		s.begun = append(s.begun, name)
		schema, err := s.structure(structure)
		if err != nil {
			return nil, fmt.Errorf("%s.%w", name, err)
		}
		s.made = append(s.made, member{name, schema})
	}
	return ref("components/schemas/" + name), nil
}

// structure is the schema of a struct. Its error begins with a field's name.
func (s *schemas) structure(structure *outline.Struct) (object, error) {
	var properties object
	required := []string{}
	for _, field := range s.source.Flat(structure) {
		schema, err := s.property(structure, field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.Name, err)
		}
		properties = append(properties, member{field.Name, schema})
		if !field.Optional {
			required = append(required, field.Name)
		}
	}
	schema := object{{"type", "object"}}
	if about := withoutName(structure.Name, markdown(structure.Doc)); about != "" {
		schema = append(schema, member{"description", about})
	}
	schema = append(schema, member{"properties", properties})
	if len(required) > 0 {
		schema = append(schema, member{"required", required})
	}
	return schema, nil
}

func (s *schemas) property(structure *outline.Struct, field outline.Field) (object, error) {
	schema, err := s.reference(typeOf(field))
	if err != nil {
		return nil, err
	}
	if field.Name == "ok" {
		return append(schema, member{"const", structure.Name != "Refusal"}), nil
	}
	about := field.Tag.Get("doc")
	if about != "" && schema.has("$ref") {
		// Beside $ref a schema of draft 07 says nothing.
		schema = object{{"allOf", []any{schema}}}
	}
	if about != "" {
		schema = append(schema, member{"description", about})
	}
	for _, limit := range []string{"minimum", "maximum", "minLength", "maxLength"} {
		text, given := field.Tag.Lookup(limit)
		if !given {
			continue
		}
		number, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", limit, err)
		}
		schema = append(schema.without(limit), member{limit, number})
	}
	if pattern, given := field.Tag.Lookup("pattern"); given {
		schema = append(schema, member{"pattern", pattern})
	}
	return schema, nil
}

// typeOf is the field's type; where that is raw JSON, what the tag ts says.
func typeOf(field outline.Field) outline.Type {
	said := field.Tag.Get("ts")
	if field.Type.Name != outline.Raw || said == "" {
		return field.Type
	}
	name, array := strings.CutSuffix(said, "[]")
	return outline.Type{Name: name, Array: array}
}

// example is a value of the type: of a struct its fields that are never absent
// and those with an example of their own.
func (s *schemas) example(t outline.Type) any {
	if t.Array {
		return []any{s.example(outline.Type{Name: t.Name})}
	}
	switch t.Name {
	case "string":
		return "text"
	case "bool":
		return true
	case "int", "int64", "uint64", "float64":
		return 1
	}
	value := object{}
	structure := s.source.Struct(t.Name)
	if structure == nil {
		return value
	}
	for _, field := range s.source.Flat(structure) {
		said, given := field.Tag.Lookup("example")
		switch {
		case field.Name == "ok":
			value = append(value, member{"ok", structure.Name != "Refusal"})
		case given:
			value = append(value, member{field.Name, literal(field.Type, said)})
		case !field.Optional:
			value = append(value, member{field.Name, s.example(typeOf(field))})
		}
	}
	return value
}

// literal is what an example tag says: text of a string, else JSON.
func literal(t outline.Type, text string) any {
	if t.Name == "string" && !t.Array {
		return text
	}
	return json.RawMessage(text)
}

func (o object) without(key string) object {
	return slices.DeleteFunc(o, func(m member) bool { return m.key == key })
}
