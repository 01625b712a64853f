package chat

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sample is a record of this kind with everything that such a record has.
func sample(kind Kind) *Record {
	rec := &Record{
		Kind: kind, Room: testRoom, User: ann, At: 1767225600000, After: 41,
		CID: "01920000-0000-7000-8000-00000000000" + string("0123456789abcdefghij"[slices.Index(Kinds, kind)%16]),
	}
	switch kind {
	case KindCreate:
		rec.Name, rec.Topic, rec.RoomKind = "general", "All and everything", PublicRoom
		rec.Members = []Member{{User: ann, Role: RoleOwner}, {User: bob, Role: RoleMember}}
	case KindMessage:
		rec.Text, rec.ReplyTo, rec.Mentions = "Hello <b>@bob</b> & all \u2028 \"👋\"\n", "xC7mYOreGyrspTzgZiMv", []UserID{bob, cat}
	case KindEdit:
		rec.Text, rec.TargetSeq, rec.TargetUser, rec.Mentions = "Hello all", 40, ann, []UserID{cat}
	case KindDelete, KindPin, KindUnpin:
		rec.TargetSeq, rec.TargetUser = 40, ann
	case KindReact, KindUnreact:
		rec.TargetSeq, rec.TargetUser, rec.Emoji = 40, bob, "👍"
	case KindInvite, KindKick, KindBan, KindUnban:
		rec.TargetUser = dan
	case KindRole:
		rec.TargetUser, rec.Role = bob, RoleAdmin
	case KindRename:
		rec.Name = "news"
	case KindTopic:
		rec.Topic = "What is new"
	case KindVisibility:
		rec.RoomKind = PrivateRoom
	}
	rec.MAC = Sign([]byte("key"), rec)
	return rec
}

func mustEncode(t testing.TB, rec *Record) ([]Header, []byte) {
	t.Helper()
	headers, value, err := Encode(rec)
	if err != nil {
		t.Fatalf("encode %s: %v", rec.Kind, err)
	}
	return headers, value
}

func TestEveryKindRoundTrips(t *testing.T) {
	for _, kind := range Kinds {
		rec := sample(kind)
		headers, value := mustEncode(t, rec)
		got, err := Decode(headers, value)
		if err != nil {
			t.Errorf("%s: decode: %v", kind, err)
			continue
		}
		if diff := cmp.Diff(rec, got); diff != "" {
			t.Errorf("%s (-encoded +decoded):\n%s", kind, diff)
		}
	}
}

func TestAnyTextRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := sample(KindMessage)
		rec.Text = strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "")
		headers, value, err := Encode(rec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(headers, value)
		if err != nil || got.Text != rec.Text {
			t.Fatalf("got %q, %v; want %q", got.Text, err, rec.Text)
		}
		if i := strings.IndexAny(string(value), "<>&\u2028\u2029"); i >= 0 {
			t.Fatalf("%q stands plain in %s", value[i], value)
		}
	})
}

func TestPeek(t *testing.T) {
	headers, _ := mustEncode(t, sample(KindCreate))
	e, err := Peek(headers)
	if err != nil {
		t.Fatal(err)
	}
	if e.Room != testRoom || e.Kind != KindCreate || e.User != ann || e.After != 41 || e.Version != 1 {
		t.Errorf("got %+v", e)
	}
	if got, want := slices.Collect(e.Targets()), []UserID{ann, bob}; !slices.Equal(got, want) {
		t.Errorf("targets got %v, want %v", got, want)
	}
	headers, _ = mustEncode(t, sample(KindMessage))
	if e, err = Peek(headers); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Collect(e.Mentions()), []UserID{bob, cat}; !slices.Equal(got, want) {
		t.Errorf("mentions got %v, want %v", got, want)
	}
	for range e.Mentions() {
		break // must be possible
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = Peek(headers) }); got != 0 {
		t.Errorf("a look at the headers takes %v allocations, want 0", got)
	}
}

// Headers of another package's type are read as they are.
func TestHeadersOfALog(t *testing.T) {
	type logHeader struct {
		Key   string
		Value []byte
	}
	headers, value := mustEncode(t, sample(KindJoin))
	var foreign []logHeader
	for _, h := range headers {
		foreign = append(foreign, logHeader(h))
	}
	if _, err := Decode(foreign, value); err != nil {
		t.Error(err)
	}
}

// with changes one header, adds it, or (value nil) takes it away.
func with(headers []Header, key string, value []byte) []Header {
	changed := slices.DeleteFunc(slices.Clone(headers), func(h Header) bool { return h.Key == key })
	if value != nil {
		changed = append(changed, Header{Key: key, Value: value})
	}
	return changed
}

func TestDecodeRefuses(t *testing.T) {
	headers, value := mustEncode(t, sample(KindMessage))
	kick, kickValue := mustEncode(t, sample(KindKick))
	text := string(value)
	replaced := func(from, to string) []byte {
		if !strings.Contains(text, from) {
			t.Fatalf("%s does not contain %s", text, from)
		}
		return []byte(strings.Replace(text, from, to, 1))
	}
	tests := []struct {
		name    string
		headers []Header
		value   []byte
		want    error
	}{
		{"version 2", with(headers, "v", []byte("2")), value, ErrUnknownVersion},
		{"version 2, broken otherwise", with(with(headers, "v", []byte("2")), "user", nil), nil, ErrUnknownVersion},
		{"unknown kind", with(headers, "kind", []byte("poll")), value, ErrUnknownKind},
		{"no version", with(headers, "v", nil), value, ErrUndecodable},
		{"a version that is no number", with(headers, "v", []byte("one")), value, ErrUndecodable},
		{"kind void", with(headers, "kind", []byte("void")), value, ErrUnknownKind},
		{"no kind", with(headers, "kind", nil), value, ErrUndecodable},
		{"no room", with(headers, "room", nil), value, ErrUndecodable},
		{"room 0", with(headers, "room", []byte("0")), value, ErrUndecodable},
		{"room 07", with(headers, "room", []byte("07")), value, ErrUndecodable},
		{"room of 2^63", with(headers, "room", []byte("9223372036854775808")), value, ErrUndecodable},
		{"another room", with(headers, "room", []byte("8")), value, ErrUndecodable},
		{"another user", with(headers, "user", []byte("9")), value, ErrUndecodable},
		{"another kind", with(headers, "kind", []byte("join")), value, ErrUndecodable},
		{"no after", with(headers, "after", nil), value, ErrUndecodable},
		{"negative after", with(headers, "after", []byte("-1")), value, ErrUndecodable},
		{"a header twice", append(slices.Clone(headers), Header{Key: "room", Value: []byte("7")}), value, ErrUndecodable},
		{"other mentions", with(headers, "mentions", []byte("2")), value, ErrUndecodable},
		{"malformed mentions", with(headers, "mentions", []byte("2,,3")), value, ErrUndecodable},
		{"a target of a message", with(headers, "target", []byte("2")), value, ErrUndecodable},
		{"another target", with(kick, "target", []byte("1")), kickValue, ErrUndecodable},
		{"no target", with(kick, "target", nil), kickValue, ErrUndecodable},
		{"no value", headers, nil, ErrUndecodable},
		{"an array", headers, []byte(`[]`), ErrUndecodable},
		{"half a value", headers, value[:len(value)/2], ErrUndecodable},
		{"something behind it", headers, append(slices.Clone(value), '}'), ErrUndecodable},
		{"a key twice", headers, replaced(`"at":`, `"at":1,"at":`), ErrUndecodable},
		{"a key in another case", headers, replaced(`"at":`, `"AT":`), ErrUndecodable},
		{"seq in the value", headers, replaced(`"at":`, `"seq":1,"at":`), ErrUndecodable},
		{"a text for a number", headers, replaced(`"at":1767225600000`, `"at":"x"`), ErrUndecodable},
		{"a negative time", headers, replaced(`"at":`, `"at":-`), ErrUndecodable},
		{"a foreign id", headers, replaced(PublicID(testRoom, ann, sample(KindMessage).CID), "AAAAAAAAAAAAAAAAAAAA"), ErrUndecodable},
		{"no cid", headers, replaced(`"cid":"01920000-0000-7000-8000-000000000001"`, `"cid":""`), ErrUndecodable},
		{"half a surrogate pair", headers, replaced(`Hello`, `\ud800`), ErrUndecodable},
		{"a mention of nobody", with(headers, "mentions", []byte("0,3")), replaced(`[2,3]`, `[0,3]`), ErrUndecodable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Decode(test.headers, test.value); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// A later node of this version may add what Apply does not look at, to headers
// and value.
func TestDecodePassesOverWhatItDoesNotKnow(t *testing.T) {
	headers, value := mustEncode(t, sample(KindMessage))
	headers = with(headers, "trace", []byte("x"))
	value = []byte(strings.Replace(string(value), `"at":`, `"files":[{"name":"a.png"}],"at":`, 1))
	if _, err := Decode(headers, value); err != nil {
		t.Error(err)
	}
}

// The room of a broken record is still known where it can be.
func TestPeekFindsTheRoomOfABrokenRecord(t *testing.T) {
	headers, _ := mustEncode(t, sample(KindMessage))
	for _, test := range []struct {
		key, value string
		want       RoomID
	}{{"v", "2", 7}, {"kind", "poll", 7}, {"after", "x", 7}, {"user", "0", 7}, {"room", "x", 0}} {
		e, err := Peek(with(headers, test.key, []byte(test.value)))
		if err == nil || e.Room != test.want {
			t.Errorf("header %s %q: got room %d, %v; want %d and an error", test.key, test.value, e.Room, err, test.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Record)
		want   Code
	}{
		{"no room", func(r *Record) { r.Room = 0 }, Invalid},
		{"no user", func(r *Record) { r.User = 0 }, Invalid},
		{"no cid", func(r *Record) { r.CID = "" }, Invalid},
		{"a foreign id", func(r *Record) { r.ID = "AAAAAAAAAAAAAAAAAAAA" }, Invalid},
		{"a kind of frames only", func(r *Record) { r.Kind = KindVoid }, Invalid},
		{"targets of a message", func(r *Record) { r.Targets = []UserID{bob} }, Invalid},
		{"bytes that are no text", func(r *Record) { r.Text = "\xff" }, Invalid},
		{"NUL", func(r *Record) { r.Text = "a\x00b" }, Invalid},
		{"an edit of nothing", func(r *Record) { r.Kind = KindEdit }, Invalid},
		{"a reaction without emoji", func(r *Record) { r.Kind, r.TargetSeq, r.TargetUser = KindReact, 1, 1 }, Invalid},
		{"a kick of nobody", func(r *Record) { r.Kind = KindKick }, Invalid},
		{"a role of no name", func(r *Record) { r.Kind, r.TargetUser, r.Role = KindRole, 2, "king" }, Invalid},
		{"a room made direct", func(r *Record) { r.Kind, r.RoomKind = KindVisibility, DirectRoom }, Invalid},
		{"a room of nobody", func(r *Record) { r.Kind, r.Name, r.RoomKind = KindCreate, "x", PublicRoom }, Invalid},
		{"a room without its creator", func(r *Record) {
			r.Kind, r.Name, r.RoomKind, r.Members = KindCreate, "x", PublicRoom, []Member{{User: bob, Role: RoleOwner}}
		}, Invalid},
		{"a room without an owner", func(r *Record) {
			r.Kind, r.Name, r.RoomKind, r.Members = KindCreate, "x", PublicRoom, []Member{{User: ann, Role: RoleAdmin}}
		}, Invalid},
		{"a direct room for one", func(r *Record) {
			r.Kind, r.RoomKind, r.Members = KindCreate, DirectRoom, []Member{{User: ann, Role: RoleMember}}
		}, Invalid},
		{"a member twice", func(r *Record) {
			r.Kind, r.RoomKind, r.Members = KindCreate, DirectRoom, []Member{{User: ann, Role: RoleMember}, {User: ann, Role: RoleMember}}
		}, Invalid},
		{"more than the log takes", func(r *Record) { r.Text = strings.Repeat("x", MaxRecordBytes) }, TooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rec := &Record{Kind: KindMessage, Room: testRoom, User: ann, CID: "c", Text: "x"}
			test.change(rec)
			_, _, err := Encode(rec)
			if err == nil || AsError(err).Code != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// The longest message that people may write fits into a record, whatever its
// characters take in JSON.
func TestLongestMessageFits(t *testing.T) {
	for _, char := range []string{"x", "<", "\u0001", "\u2028", "€", "👋"} {
		text, err := NormalizeText(strings.Repeat(char, MaxMessageChars-1) + "x")
		if char == "€" || char == "👋" {
			text, err = NormalizeText(strings.Repeat(char, min(MaxMessageChars, MaxMessageBytes/len(char))))
		}
		if err != nil {
			t.Fatalf("%q: %v", char, err)
		}
		rec := sample(KindMessage)
		rec.Text, rec.Mentions = text, slices.Repeat([]UserID{1<<63 - 1}, MaxMentions)
		if _, _, err := Encode(rec); err != nil {
			t.Errorf("%q: %v", char, err)
		}
	}
}

func TestSignCoversWhatTheSenderGave(t *testing.T) {
	rec := sample(KindMessage)
	if got, want := Sign([]byte("key"), rec), "cPXhOtS-dsWa3SvZq2R3oA"; got != want {
		t.Errorf("the mac of version 1 is frozen: got %s, want %s", got, want)
	}
	changes := map[string]func(*Record){
		"kind":        func(r *Record) { r.Kind = KindEdit },
		"room":        func(r *Record) { r.Room++ },
		"user":        func(r *Record) { r.User++ },
		"cid":         func(r *Record) { r.CID += "x" },
		"text":        func(r *Record) { r.Text += "x" },
		"reply":       func(r *Record) { r.ReplyTo += "x" },
		"target seq":  func(r *Record) { r.TargetSeq++ },
		"target user": func(r *Record) { r.TargetUser++ },
		"name":        func(r *Record) { r.Name += "x" },
		"topic":       func(r *Record) { r.Topic += "x" },
		"room kind":   func(r *Record) { r.RoomKind = PublicRoom },
		"role":        func(r *Record) { r.Role = RoleOwner },
		"emoji":       func(r *Record) { r.Emoji += "x" },
		"members":     func(r *Record) { r.Members = []Member{{User: 1, Role: RoleOwner}} },
		"text to name": func(r *Record) {
			r.Text, r.Name = "", r.Text
		},
	}
	for name, change := range changes {
		changed := *rec
		change(&changed)
		if Sign([]byte("key"), &changed) == rec.MAC {
			t.Errorf("another %s has the same mac", name)
		}
	}
	same := *rec
	same.At, same.After, same.Mentions, same.Targets = 1, 1, nil, []UserID{1}
	if Sign([]byte("key"), &same) != rec.MAC {
		t.Error("what a retry may bring anew changes the mac")
	}
	if Sign([]byte("another key"), rec) == rec.MAC {
		t.Error("the key does not matter")
	}
}

// Ids, chains and cursors are written down for ever.
func TestFrozenFormats(t *testing.T) {
	if got, want := PublicID(7, 1, "c-2"), "xC7mYOreGyrspTzgZiMv"; got != want {
		t.Errorf("id got %s, want %s", got, want)
	}
	if PublicID(7, 1, "c") == PublicID(1, 7, "c") || PublicID(7, 1, "c") == PublicID(7, 1, "d") {
		t.Error("two events have one id")
	}
	if got, want := positionID(Position{Epoch: "e", Partition: 1, Offset: 2}), "w1eGJ69ZMO_rVApOXHgG"; got != want {
		t.Errorf("void id got %s, want %s", got, want)
	}
	head := Head{Seq: 2, Chain: Chain{}.Next("a").Next("b")}
	if got, want := head.Cursor().String(), "2.16q3kU"; got != want {
		t.Errorf("cursor got %s, want %s", got, want)
	}
}

func FuzzDecode(f *testing.F) {
	for _, kind := range Kinds {
		headers, value := mustEncode(f, sample(kind))
		joined := ""
		for _, h := range headers {
			joined += h.Key + "=" + string(h.Value) + "\n"
		}
		f.Add(joined, value)
	}
	f.Fuzz(func(t *testing.T, lines string, value []byte) {
		var headers []Header
		for line := range strings.Lines(lines) {
			key, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			headers = append(headers, Header{Key: key, Value: []byte(text)})
		}
		rec, err := Decode(headers, value)
		if err != nil {
			return
		}
		again, encoded, err := Encode(rec)
		if err != nil {
			if AsError(err).Code != TooLarge {
				t.Fatalf("what was decoded cannot be encoded: %v", err)
			}
			return
		}
		second, err := Decode(again, encoded)
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v", err)
		}
		if diff := cmp.Diff(rec, second); diff != "" {
			t.Fatalf("(-first +second):\n%s", diff)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	rec := sample(KindMessage)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Encode(rec); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	headers, value := mustEncode(b, sample(KindMessage))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(headers, value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPeek(b *testing.B) {
	headers, _ := mustEncode(b, sample(KindMessage))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Peek(headers); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	rec := sample(KindMessage)
	key := []byte("0123456789abcdef0123456789abcdef")
	b.ReportAllocs()
	for b.Loop() {
		Sign(key, rec)
	}
}

func BenchmarkApply(b *testing.B) {
	state := testRoomState(b, PublicRoom)
	rec := &Record{Kind: KindMessage, Room: testRoom, User: ann, CID: "01920000-0000-7000-8000-000000000001", Text: "Hello", MAC: Sign(nil, &Record{})}
	_, value := mustEncode(b, rec)
	b.ReportAllocs()
	for b.Loop() {
		rec.After = state.Head.Seq
		if ev := Apply(state, rec, Position{Epoch: "0123456789abcdef", Offset: int64(rec.After)}, value); ev.Void() {
			b.Fatal(ev.Outcome)
		}
	}
}
