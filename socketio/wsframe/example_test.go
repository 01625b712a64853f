package wsframe_test

import (
	"fmt"

	"github.com/parleychat/parley/socketio/wsframe"
)

func Example() {
	// A server's frame, made once, for any number of connections.
	frame := wsframe.Encode(wsframe.Text, []byte("hello"))
	fmt.Printf("% x\n", frame)

	// What a client sends is masked, and may arrive in pieces.
	reader := wsframe.NewReader(1000)
	in := []byte{0x81, 0x82, 1, 2, 3, 4, 'o' ^ 1, 'k' ^ 2}
	_, used, err := reader.Next(in[:5])
	fmt.Println(used, err)
	message, used, err := reader.Next(in)
	fmt.Printf("%s %d %v\n", message.Payload, used, err)
	// Output:
	// 81 05 68 65 6c 6c 6f
	// 0 <nil>
	// ok 8 <nil>
}
