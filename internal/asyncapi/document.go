package asyncapi

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/outline"
	"github.com/parleychat/parley/protocol"
)

// everywhere are refusals of every event.
var everywhere = []chat.Code{chat.Invalid, chat.TooLarge, chat.Internal}

// Source is where a document is made from.
type Source struct {
	Protocol string // directory of package protocol
	// Examples is a directory with JSON files, each what receiveMessage carries
	// of one kind of event.
	Examples string
}

// Document makes the document, indented, in the order of the source. Its error
// names the comment or the field that it cannot make anything of.
func Document(from Source) ([]byte, error) {
	source, err := outline.Read(from.Protocol)
	if err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	events, err := eventsOf(source)
	if err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	received, err := readExamples(from.Examples)
	if err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	w := &writer{schemas: &schemas{source: source}, received: received}
	for _, event := range events {
		if err := w.add(event); err != nil {
			return nil, fmt.Errorf("asyncapi: %s: %w", event.name, err)
		}
	}
	text, err := json.MarshalIndent(w.document(markdown(source.Doc)), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	return append(text, '\n'), nil
}

// writer collects the parts of the document.
type writer struct {
	schemas    *schemas
	received   object
	operations object
	messages   object
	channel    object // the channel's messages
}

func (w *writer) document(about string) object {
	return object{
		{"asyncapi", "3.0.0"},
		{"info", object{
			{"title", "Parley: socket events"},
			{"version", "1"},
			{"description", about},
			{"license", object{{"name", "Apache-2.0"}}},
		}},
		{"defaultContentType", "application/json"},
		{"servers", object{{"parley", object{
			{"host", "127.0.0.1:3000"},
			{"protocol", "socketio"},
			{"protocolVersion", "5"},
			{"pathname", "/socket.io/"},
			{"description", "Socket.IO 5 over Engine.IO 4, by WebSocket or long-polling. The port is where the server listens, 3000 when nothing else was set."},
			{"security", []any{ref("components/securitySchemes/accessToken")}},
		}}}},
		{"channels", object{{"socket", object{
			{"address", "/"},
			{"title", "The namespace /"},
			{"description", "One connection of one person. Messages are events of Socket.IO; the name of the message is the name of the event, its payload the event's only argument."},
			{"messages", w.channel},
		}}}},
		{"operations", w.operations},
		{"components", object{
			{"securitySchemes", object{{"accessToken", object{
				{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"},
				{"description", "The token that signing in gives, in the connect payload {token} or in the header Authorization: Bearer of the handshake."},
			}}}},
			{"messages", w.messages},
			{"schemas", w.schemas.made},
		}},
	}
}

// add writes one event with its answer.
func (w *writer) add(e event) error {
	about, err := w.about(e)
	if err != nil {
		return err
	}
	payload, err := w.schemas.reference(outline.Type{Name: e.payload, Array: e.array})
	if err != nil {
		return err
	}
	examples := object{{e.payload, w.schemas.example(outline.Type{Name: e.payload, Array: e.array})}}
	if e.name == protocol.ReceiveMessage {
		examples = w.received
	}
	key := e.name
	if w.operations.has(key) {
		key = e.payload // both sides have an event of this name
	}
	w.message(key, e.name, about, payload, examples)
	operation := object{
		{"action", "send"}, // by the server
		{"channel", ref("channels/socket")},
		{"summary", firstSentence(about)},
		{"description", about},
		{"messages", []any{ref("channels/socket/messages/" + key)}},
	}
	if e.answer != "" {
		operation[0].value = "receive"
		answer, err := w.answer(e)
		if err != nil {
			return err
		}
		operation = append(operation, answer...)
	}
	w.operations = append(w.operations, member{key, operation})
	return nil
}

// about is what the event is for: the comment of its payload, of what a server
// sends with the words behind the event's name in front.
func (w *writer) about(e event) (string, error) {
	s := w.schemas.source.Struct(e.payload)
	if s == nil {
		return "", fmt.Errorf("there is no struct %s", e.payload)
	}
	text := withoutName(s.Name, markdown(s.Doc))
	switch {
	case text == "" && e.when == "":
		return "", fmt.Errorf("%s has no comment", e.payload)
	case e.when == "":
		return text, nil
	}
	return strings.TrimSpace(sentence(e.when) + "\n\n" + text), nil
}

// answer is the reply of a client's event and what it can be refused with.
func (w *writer) answer(e event) (object, error) {
	names := []string{e.answer, "Refusal"}
	var replies []any
	for _, name := range names {
		if !w.messages.has(name) {
			payload, err := w.schemas.reference(outline.Type{Name: name})
			if err != nil {
				return nil, err
			}
			s := w.schemas.source.Struct(name)
			w.message(name, name, withoutName(name, markdown(s.Doc)), payload, object{{name, w.schemas.example(outline.Type{Name: name})}})
		}
		replies = append(replies, ref("channels/socket/messages/"+name))
	}
	var refusals []any
	for _, info := range chat.Codes {
		if e.mayBe(info.Code) {
			refusals = append(refusals, object{{"code", info.Code}, {"final", info.Final}, {"meaning", info.Meaning}})
		}
	}
	return object{
		{"reply", object{{"channel", ref("channels/socket")}, {"messages", replies}}},
		{"x-refusals", refusals},
	}, nil
}

func (w *writer) message(key, name, about string, payload object, examples object) {
	var list []any
	for _, example := range examples {
		list = append(list, object{{"name", example.key}, {"payload", example.value}})
	}
	w.messages = append(w.messages, member{key, object{
		{"name", name}, {"title", name}, {"summary", firstSentence(about)}, {"description", about},
		{"payload", payload}, {"examples", list},
	}})
	w.channel = append(w.channel, member{key, ref("components/messages/" + key)})
}

// readExamples reads the files of the directory: by kind of event, or with
// another name for another form of a kind.
func readExamples(dir string) (object, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no examples", dir)
	}
	var examples object
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		examples = append(examples, member{strings.TrimSuffix(filepath.Base(name), ".json"), json.RawMessage(text)})
	}
	return examples, nil
}

func ref(path string) object { return object{{"$ref", "#/" + path}} }
