package chat

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// jsonKeys judges the keys of one object as they come.
type jsonKeys struct {
	fields   *jsonFields     // of the struct that the object is meant for, else nil
	elem     reflect.Type    // of the map that it is meant for, else nil
	reserved map[string]bool // folded keys that are refused
	known    uint64          // fields met, by index
	others   map[string]bool // folded keys met that are no field, made when needed
}

// meet gives the type of the key's value, nil for anything, or refuses the key.
func (k *jsonKeys) meet(key []byte) (reflect.Type, error) {
	if k.fields != nil {
		if field, ok := k.fields.exact[string(key)]; ok {
			if k.known&(1<<field.index) != 0 {
				return nil, Errorf(Invalid, "The field %s stands there twice.", quoteKey(string(key)))
			}
			k.known |= 1 << field.index
			return field.typ, nil
		}
	}
	folded := foldKey(string(key))
	if k.fields != nil {
		if name, ok := k.fields.folded[folded]; ok {
			return nil, Errorf(Invalid, "The field %s must be written %q.", quoteKey(string(key)), name)
		}
	}
	if k.reserved[folded] {
		return nil, Errorf(Invalid, "The field %s is the server's to say; leave it out.", quoteKey(string(key)))
	}
	if k.others[folded] {
		return nil, Errorf(Invalid, "The field %s stands there twice.", quoteKey(string(key)))
	}
	if k.others == nil {
		k.others = make(map[string]bool)
	}
	k.others[folded] = true
	return k.elem, nil
}

// jsonFields are the fields of a struct type as encoding/json sees them.
type jsonFields struct {
	exact  map[string]jsonField
	folded map[string]string // folded name → name
}

type jsonField struct {
	index uint // at most 63
	typ   reflect.Type
}

// fieldCache keeps jsonFields by [reflect.Type]. Types are few and live as
// long as the program.
var fieldCache sync.Map

func fieldsOf(t reflect.Type) *jsonFields {
	t = decodedType(t)
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	if cached, ok := fieldCache.Load(t); ok {
		return cached.(*jsonFields)
	}
	cached, _ := fieldCache.LoadOrStore(t, readFields(t))
	return cached.(*jsonFields)
}

func readFields(t reflect.Type) *jsonFields {
	fields := newFields()
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() || field.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		fields.add(name, field.Type)
	}
	return fields
}

// namedFields are fields of these names, of any type.
func namedFields(names []string) *jsonFields {
	fields := newFields()
	for _, name := range names {
		fields.add(name, nil)
	}
	return fields
}

func newFields() *jsonFields {
	return &jsonFields{exact: make(map[string]jsonField), folded: make(map[string]string)}
}

func (f *jsonFields) add(name string, t reflect.Type) {
	index := uint(len(f.exact))
	if index > 63 {
		panic("chat: DecodeStrict reads structs of at most 64 fields")
	}
	f.exact[name] = jsonField{index: index, typ: t}
	f.folded[foldKey(name)] = name
}

// elemType is the type of what an array or a map holds, nil for anything.
func elemType(t reflect.Type) reflect.Type {
	t = decodedType(t)
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return t.Elem()
	}
	return nil
}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decodedType looks through pointers. It is nil for a type that reads itself,
// such as [json.RawMessage], and for an interface.
func decodedType(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() == reflect.Interface {
		return nil
	}
	if pointer := reflect.PointerTo(t); pointer.Implements(jsonUnmarshaler) || pointer.Implements(textUnmarshaler) {
		return nil
	}
	return t
}

// foldKey is equal for keys that encoding/json takes for one another: it
// folds each character as [strings.EqualFold] does.
func foldKey(key string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII {
			// K and S have a third form outside ASCII; all of them fold to
			// the lower-case letter.
			return unicode.ToLower(r)
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return unicode.ToLower(least)
	}, key)
}
