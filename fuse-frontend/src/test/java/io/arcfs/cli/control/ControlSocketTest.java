package io.arcfs.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ControlSocketTest {
    @TempDir Path volume;

    @Test
    void everyRequestArrivesAsItWasSent() throws Exception {
        List<ControlRequest> seen = new CopyOnWriteArrayList<>();
        List<byte[]> paths = List.of(new byte[] {'a', (byte) 0xFF, '\n'}, new byte[0]);
        List<ControlRequest> requests =
                List.of(
                        new ControlRequest.Status(),
                        new ControlRequest.Archive(),
                        new ControlRequest.Merge(true),
                        new ControlRequest.Merge(false),
                        new ControlRequest.Flush(),
                        new ControlRequest.Dump(Path.of("/a b/\u00e9")),
                        new ControlRequest.Unmount(),
                        new ControlRequest.Evict(paths));
        try (ControlServer _ = serve((request, _) -> keep(seen, request))) {
            for (ControlRequest request : requests) {
                call(request, Progress.NONE);
            }
        }
        assertThat(seen.subList(0, 7)).isEqualTo(requests.subList(0, 7));
        assertThat(seen.getLast())
                .isInstanceOfSatisfying(
                        ControlRequest.Evict.class,
                        evict -> {
                            assertThat(evict.paths()).hasSize(2);
                            assertThat(evict.paths().get(0)).isEqualTo(paths.get(0));
                            assertThat(evict.paths().get(1)).isEmpty();
                        });
    }

    @Test
    void progressComesBeforeTheResult() throws Exception {
        Progress.Step step = new Progress.Step("build", "arc_03", 1, 2);
        List<Progress.Step> heard = new ArrayList<>();
        try (ControlServer _ =
                serve((_, progress) -> {
                    progress.report(step);
                    progress.report(step);
                    return JsonNodeFactory.instance.objectNode().put("changed", true);
                })) {
            ObjectNode result = call(new ControlRequest.Archive(), heard::add);
            assertThat(result.path("changed").asBoolean()).isTrue();
        }
        assertThat(heard).containsExactly(step, step);
    }

    @Test
    void failureKeepsItsThreeParts() throws Exception {
        try (ControlServer _ =
                serve((_, _) -> {
                    throw new CommandFailure("what", "why; really", "do: this");
                })) {
            assertThatThrownBy(() -> call(new ControlRequest.Flush(), Progress.NONE))
                    .isInstanceOfSatisfying(
                            CommandFailure.class,
                            failure -> {
                                assertThat(failure.what()).isEqualTo("what");
                                assertThat(failure.why()).isEqualTo("why; really");
                                assertThat(failure.remedy()).isEqualTo("do: this");
                            });
        }
    }

    @Test
    void whateverAHandlerThrowsIsToldAndTheNextRequestIsServed() throws Exception {
        try (ControlServer _ =
                serve((request, _) -> {
                    if (request instanceof ControlRequest.Flush) {
                        throw new AssertionError("broken");
                    }
                    return JsonNodeFactory.instance.objectNode();
                })) {
            assertThatThrownBy(() -> call(new ControlRequest.Flush(), Progress.NONE))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("broken");
            assertThat(call(new ControlRequest.Archive(), Progress.NONE)).isEmpty();
        }
    }

    @Test
    void garbageIsRefusedAndHarmsNobody() throws Exception {
        try (ControlServer _ = serve((_, _) -> JsonNodeFactory.instance.objectNode())) {
            for (String line :
                    List.of("", "{", "[]", "null", "{\"verb\":\"boo\"}", "[".repeat(10_000))) {
                assertThat(raw(line)).contains("\"failure\"", "control socket");
            }
            assertThat(raw("{\"verb\":\"dump\",\"file\":\"relative\"}")).contains("not absolute");
            assertThat(raw("{\"verb\":\"evict\",\"paths\":[\"%\"]}")).contains("no base64");
            assertThat(call(new ControlRequest.Archive(), Progress.NONE)).isEmpty();
        }
    }

    @Test
    void socketIsForItsOwnerOnlyAndGoesWithTheServer() throws Exception {
        Path socket = new VolumeLayout(volume).controlSocket();
        try (ControlServer _ = serve((_, _) -> JsonNodeFactory.instance.objectNode())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
        }
        assertThat(socket).doesNotExist();
        assertThat(ControlClient.connect(new VolumeLayout(volume))).isEmpty();
    }

    @Test
    void socketOfADeadProcessIsNobodyAndIsReplaced() throws Exception {
        Path socket = new VolumeLayout(volume).controlSocket();
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(UnixDomainSocketAddress.of(socket));
        dead.close();
        assertThat(socket).exists();
        assertThat(ControlClient.connect(new VolumeLayout(volume))).isEmpty();
        try (ControlServer _ = serve((_, _) -> JsonNodeFactory.instance.objectNode())) {
            assertThat(call(new ControlRequest.Archive(), Progress.NONE)).isEmpty();
        }
    }

    @Test
    void pathLongerThanASocketAddressWorks() throws Exception {
        volume = Files.createDirectories(volume.resolve("x".repeat(100)).resolve("y".repeat(100)));
        try (ControlServer _ = serve((_, _) -> JsonNodeFactory.instance.objectNode())) {
            assertThat(call(new ControlRequest.Archive(), Progress.NONE)).isEmpty();
        }
    }

    private ControlServer serve(ControlHandler handler) throws IOException {
        return ControlServer.start(new VolumeLayout(volume), handler);
    }

    private ObjectNode call(ControlRequest request, Progress progress) throws Exception {
        try (ControlClient client = ControlClient.connect(new VolumeLayout(volume)).orElseThrow()) {
            return client.call(request, progress);
        }
    }

    private String raw(String line) throws IOException {
        SocketChannel socket =
                SocketChannel.open(
                        UnixDomainSocketAddress.of(new VolumeLayout(volume).controlSocket()));
        try (LineChannel channel = new LineChannel(socket)) {
            channel.writeLine(line);
            String answer = channel.readLine();
            return answer == null ? "" : answer;
        }
    }

    private static ObjectNode keep(List<ControlRequest> seen, ControlRequest request) {
        seen.add(request);
        return JsonNodeFactory.instance.objectNode();
    }
}
