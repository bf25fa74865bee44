package io.arcfs.it.desktop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A real mpv, driven through its socket. Confined to one thread but for what mpv tells. */
final class Player implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_MILLIS = 60_000;

    /** What people's players hold before they start: a second or two. */
    private static final double START_BUFFER_SECONDS = 2;

    private final Process process;
    private final SocketChannel socket;
    private final Path log;
    private final Map<Integer, JsonNode> answers = new ConcurrentHashMap<>();
    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicInteger stalls = new AtomicInteger();
    private volatile boolean started;
    private int lastRequest;

    private Player(Process process, SocketChannel socket, Path log) {
        this.process = process;
        this.socket = socket;
        this.log = log;
    }

    /** Opens a film paused at its start, in a window without a frame. */
    static Player open(Path film, Screen screen, int left, int top, Path scratch)
            throws IOException, InterruptedException {
        Path control = scratch.resolve("mpv." + film.getFileName());
        Path log = scratch.resolve(film.getFileName() + ".log");
        Files.deleteIfExists(control);
        ProcessBuilder builder =
                new ProcessBuilder(
                                List.of(
                                        "mpv",
                                        "--no-config",
                                        "--vo=x11",
                                        "--ao=null",
                                        "--input-ipc-server=" + control,
                                        "--geometry="
                                                + Film.WIDTH
                                                + "x"
                                                + Film.HEIGHT
                                                + "+"
                                                + left
                                                + "+"
                                                + top,
                                        "--no-border",
                                        "--no-osc",
                                        "--osd-level=0",
                                        "--keep-open=yes",
                                        "--pause",
                                        "--no-input-default-bindings",
                                        "--no-terminal",
                                        "--log-file=" + log,
                                        "--",
                                        film.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(scratch.resolve(film.getFileName() + ".out").toFile());
        builder.environment().put("DISPLAY", screen.display());
        builder.environment().put("HOME", scratch.toString());
        Process process = builder.start();
        Player player = new Player(process, connect(control, process), log);
        Thread.ofVirtual().start(player::listen);
        player.send("observe_property", 1, "paused-for-cache");
        return player;
    }

    private static SocketChannel connect(Path control, Process process)
            throws IOException, InterruptedException {
        for (long end = System.currentTimeMillis() + PATIENCE_MILLIS;
                System.currentTimeMillis() < end && process.isAlive();
                Thread.sleep(50)) {
            SocketChannel socket = Files.exists(control) ? opened(control) : null;
            if (socket != null) {
                return socket;
            }
        }
        process.destroyForcibly();
        throw new AssertionError("mpv did not open " + control);
    }

    /** Null while the socket is bound and nobody listens yet. */
    private static @Nullable SocketChannel opened(Path control) {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(control));
        } catch (IOException e) {
            return null;
        }
    }

    private void listen() {
        try (BufferedReader lines =
                new BufferedReader(Channels.newReader(socket, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode told = JSON.readTree(line);
                switch (told.path("event").asText("")) {
                    case "playback-restart" -> restarts.incrementAndGet();
                    case "property-change" -> {
                        if (told.path("name").asText().equals("paused-for-cache")
                                && told.path("data").asBoolean(false)
                                && started) {
                            stalls.incrementAndGet();
                        }
                    }
                    default -> {
                        if (told.has("request_id")) {
                            answers.put(told.path("request_id").asInt(), told);
                        }
                    }
                }
            }
        } catch (IOException e) {
            restarts.get(); // closed: the test is over
        }
    }

    private JsonNode send(Object... command) throws IOException, InterruptedException {
        ObjectNode request = JSON.createObjectNode();
        request.set("command", JSON.valueToTree(command));
        int number = ++lastRequest;
        request.put("request_id", number);
        ByteBuffer line = StandardCharsets.UTF_8.encode(request + "\n");
        while (line.hasRemaining()) {
            socket.write(line);
        }
        for (long end = System.currentTimeMillis() + PATIENCE_MILLIS;
                System.currentTimeMillis() < end;
                Thread.sleep(5)) {
            JsonNode answer = answers.remove(number);
            if (answer != null) {
                return answer;
            }
            if (!process.isAlive()) {
                break;
            }
        }
        throw new AssertionError("mpv did not answer " + request + ": " + tailOfLog());
    }

    JsonNode get(String property) throws IOException, InterruptedException {
        return send("get_property", property).path("data");
    }

    void set(String property, Object value) throws IOException, InterruptedException {
        send("set_property", property, value);
    }

    /** Waits until the first frame or sound is there, and what a player holds before it starts. */
    void awaitStart() throws IOException, InterruptedException {
        awaitRestarts(1);
        for (long end = System.currentTimeMillis() + PATIENCE_MILLIS;
                !startBufferIsFull();
                Thread.sleep(20)) {
            if (System.currentTimeMillis() > end || !process.isAlive()) {
                throw new AssertionError("mpv does not get its bytes: " + tailOfLog());
            }
        }
        started = true;
    }

    private boolean startBufferIsFull() throws IOException, InterruptedException {
        JsonNode held = get("demuxer-cache-state");
        return held.path("eof").asBoolean()
                || held.path("idle").asBoolean()
                || held.path("cache-duration").asDouble() >= START_BUFFER_SECONDS;
    }

    private void awaitRestarts(int count) throws IOException, InterruptedException {
        for (long end = System.currentTimeMillis() + PATIENCE_MILLIS;
                restarts.get() < count;
                Thread.sleep(5)) {
            if (System.currentTimeMillis() > end || !process.isAlive()) {
                throw new AssertionError("mpv does not play: " + tailOfLog());
            }
        }
    }

    /** Seeks exactly and waits until what is there is shown. */
    void seek(double seconds) throws IOException, InterruptedException {
        int before = restarts.get();
        JsonNode answer = send("seek", seconds, "absolute+exact");
        if (!answer.path("error").asText().equals("success")) {
            throw new AssertionError("seek to " + seconds + ": " + answer + tailOfLog());
        }
        awaitRestarts(before + 1);
    }

    /** How often it had to stop for want of data, since {@link #awaitStart} returned. */
    int stalls() {
        return stalls.get();
    }

    String tailOfLog() throws IOException {
        if (!Files.exists(log)) {
            return "no log";
        }
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        socket.close();
    }
}
