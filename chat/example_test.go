package chat_test

import (
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Two people talk. The third record is a copy of the second, as it comes about
// when an answer was lost on its way: it keeps its number and does nothing.
func ExampleApply() {
	state := chat.NewState(7)
	create := &chat.Record{
		Kind: chat.KindCreate, Room: 7, User: 1, CID: "c-1", At: 1767225600000,
		Name: "general", RoomKind: chat.PublicRoom,
		Members: []chat.Member{{User: 1, Role: chat.RoleOwner}},
	}
	hello := &chat.Record{
		Kind: chat.KindMessage, Room: 7, User: 1, CID: "c-2", At: 1767225600500,
		Text: "Hello?", After: 1,
	}
	for offset, rec := range []*chat.Record{create, hello, hello} {
		_, value, err := chat.Encode(rec)
		if err != nil {
			fmt.Println(err)
			return
		}
		ev := chat.Apply(state, rec, chat.Position{Epoch: "e", Offset: int64(offset)}, value)
		fmt.Printf("%s\n", chat.AppendFrame(nil, ev, "general", "Ann"))
	}
	// Output:
	// {"seq":1,"n":0,"cursor":"1.8vhGvs","roomName":"general","userName":"Ann","kind":"create","roomId":7,"userId":1,"cid":"c-1","id":"DPafAray1Q5wzJu8V7gF","at":1767225600000,"name":"general","roomKind":"public","members":[{"userId":1,"role":"owner"}]}
	// {"seq":2,"n":1,"cursor":"2.WCQ1BE","roomName":"general","userName":"Ann","kind":"message","roomId":7,"userId":1,"cid":"c-2","id":"xC7mYOreGyrspTzgZiMv","at":1767225600500,"messageText":"Hello?"}
	// {"seq":3,"cursor":"3._Rlfya","kind":"void","roomId":7}
}
