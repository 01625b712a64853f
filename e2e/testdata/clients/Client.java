import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Manager;
import io.socket.client.Socket;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.json.JSONObject;

/** A client in Java: Client URL TOKEN TRANSPORTS ROOM */
public class Client {
    public static void main(String[] args) throws Exception {
        long room = Long.parseLong(args[3]);
        IO.Options options = new IO.Options();
        options.auth = Map.of("token", args[1]);
        options.transports = args[2].split(",");
        options.reconnection = false;
        options.forceNew = true;
        Socket socket = IO.socket(URI.create(args[0]), options);

        socket.on(Socket.EVENT_CONNECT, ignored -> {
            engine(socket).once(io.socket.engineio.client.Socket.EVENT_UPGRADE, transport -> say("upgraded"));
            socket.emit("joinRoom", object("roomId", room), (Ack) answer -> say("joined", "answer", answer[0]));
        });
        socket.on("receiveMessage", event -> say("event", "event", event[0]));
        socket.on("problem", problem -> say("trouble", "text", problem[0].toString()));
        socket.on(Socket.EVENT_CONNECT_ERROR, error -> say("trouble", "text", String.valueOf(error[0])));
        socket.on(Socket.EVENT_DISCONNECT, reason -> say("trouble", "text", "disconnected: " + reason[0]));
        socket.connect();

        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject command = new JSONObject(line);
            if (command.getString("do").equals("quit")) {
                break;
            }
            String cid = command.getString("cid");
            JSONObject message = object("roomId", room, "messageText", command.getString("text"), "cid", cid);
            socket.emit("sendMessage", new Object[] {message}, answer -> say("answer", "cid", cid, "answer", answer[0]));
        }
        System.exit(0); // the library's threads would go on
    }

    /** The library keeps the connection, which tells of the upgrade, to itself. */
    static io.socket.engineio.client.Socket engine(Socket socket) {
        try {
            Field engine = Manager.class.getDeclaredField("engine");
            engine.setAccessible(true);
            return (io.socket.engineio.client.Socket) engine.get(socket.io());
        } catch (ReflectiveOperationException wrong) {
            throw new IllegalStateException(wrong);
        }
    }

    static synchronized void say(String is, Object... more) {
        Map<String, Object> line = pairs(more);
        line.put("is", is);
        System.out.println(new JSONObject(line));
    }

    static JSONObject object(Object... more) {
        return new JSONObject(pairs(more));
    }

    static Map<String, Object> pairs(Object... more) {
        Map<String, Object> pairs = new HashMap<>();
        for (int i = 0; i < more.length; i += 2) {
            pairs.put((String) more[i], more[i + 1]);
        }
        return pairs;
    }
}
