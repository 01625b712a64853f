import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.json.JSONObject;

/** Does with the Java client what people do with it: Client URL TRANSPORTS. */
public class Client {
    static String url;
    static String[] transports;

    public static void main(String[] args) {
        url = args[0];
        transports = args[1].split(",");
        try {
            everything();
            System.out.println("ok");
            System.exit(0);
        } catch (Throwable wrong) { // the client's threads would keep the program alive
            wrong.printStackTrace();
            System.exit(1);
        }
    }

    static void everything() throws Exception {
        Socket socket = IO.socket(URI.create(url), options("good"));
        BlockingQueue<Object[]> hello = listen(socket, "hello");
        BlockingQueue<Object[]> connected = listen(socket, Socket.EVENT_CONNECT);
        socket.connect();
        next(connected);
        Object[] first = next(hello);
        expect(first[0], "world");
        expect(((JSONObject) first[1]).getInt("n"), 1);
        expect(socket.id().length(), 20);

        expect(ask(socket, "echo", "grüße 👋", 1.5)[0], "grüße 👋");
        String text = String.join("", Collections.nCopies(300_000, "x"));
        expect(ask(socket, "echo", text)[0], text);
        byte[] bytes = {0, 1, 2, (byte) 255};
        Object[] binary = ask(socket, "echo", bytes, "between", new byte[100_000]);
        expect(Arrays.equals((byte[]) binary[0], bytes), true);
        expect(binary[1], "between");
        expect(((byte[]) binary[2]).length, 100_000);

        BlockingQueue<Object[]> back = listen(socket, "back");
        socket.emit("say", new JSONObject().put("bytes", bytes), "x");
        Object[] said = next(back);
        expect(Arrays.equals((byte[]) ((JSONObject) said[0]).get("bytes"), bytes), true);

        socket.on("question", a -> ((Ack) a[1]).call("answer to " + a[0], bytes));
        expect(ask(socket, "askMe")[0], "as it should be");

        BlockingQueue<Object[]> numbers = listen(socket, "number");
        for (int i = 0; i < 200; i++) {
            socket.emit("number", i);
        }
        for (int i = 0; i < 200; i++) {
            expect(next(numbers)[0], i);
        }

        Socket other = socket.io().socket("/other", options("good"));
        BlockingQueue<Object[]> joined = listen(other, Socket.EVENT_CONNECT);
        other.connect();
        next(joined);
        expect(ask(other, "echo", 7)[0], 7);
        other.disconnect();

        String before = socket.id();
        connected.clear();
        socket.emit("restart");
        next(connected);
        expect(before.equals(socket.id()), false);

        BlockingQueue<Object[]> gone = listen(socket, Socket.EVENT_DISCONNECT);
        socket.emit("kick");
        expect(next(gone)[0], "io server disconnect");

        Socket refused = IO.socket(URI.create(url), options("bad"));
        BlockingQueue<Object[]> errors = listen(refused, Socket.EVENT_CONNECT_ERROR);
        refused.connect();
        JSONObject error = (JSONObject) next(errors)[0];
        expect(error.getString("message"), "Unauthorized");
        expect(error.getJSONObject("data").getString("code"), "unauthorized");
        refused.close();

        IO.Options headers = options(null);
        headers.extraHeaders = Collections.singletonMap("Authorization", List.of("good"));
        Socket old = IO.socket(URI.create(url), headers);
        BlockingQueue<Object[]> in = listen(old, Socket.EVENT_CONNECT);
        old.connect();
        next(in);
        expect(ask(old, "echo", "old")[0], "old");
        old.close();
    }

    static IO.Options options(String token) {
        IO.Options options = new IO.Options();
        options.forceNew = true;
        options.transports = transports;
        options.reconnectionDelay = 50;
        options.reconnectionDelayMax = 50;
        if (token != null) {
            options.auth = Collections.singletonMap("token", token);
        }
        return options;
    }

    static BlockingQueue<Object[]> listen(Socket socket, String event) {
        BlockingQueue<Object[]> heard = new LinkedBlockingQueue<>();
        socket.on(event, heard::add);
        return heard;
    }

    static Object[] ask(Socket socket, String event, Object... args) throws InterruptedException {
        BlockingQueue<Object[]> answer = new LinkedBlockingQueue<>();
        socket.emit(event, args, answer::add);
        return next(answer);
    }

    static Object[] next(BlockingQueue<Object[]> from) throws InterruptedException {
        Object[] value = from.poll(10, TimeUnit.SECONDS);
        if (value == null) {
            throw new IllegalStateException("nothing after 10 s");
        }
        return value;
    }

    static void expect(Object got, Object want) {
        if (!got.equals(want)) {
            throw new IllegalStateException("got " + got + ", want " + want);
        }
    }
}
