package io.arcfs.tier.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.Priority;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.tier.local.TierOptions;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RemoteTierControlTest {
    private static final TierMaintenance NO_MAINTENANCE =
            (TierMaintenance)
                    Proxy.newProxyInstance(
                            TierMaintenance.class.getClassLoader(),
                            new Class<?>[] {TierMaintenance.class},
                            (_, method, _) -> {
                                throw new UnsupportedOperationException(method.getName());
                            });

    private static final Geometry SMALL = new Geometry(4096, 65_536, 16_384, 2 << 20, 3 << 20, 8);

    @TempDir Path volume;

    private LocalTier tier() throws IOException {
        return LocalTier.open(
                new TierOptions(
                        volume,
                        UUID.randomUUID(),
                        SMALL,
                        List.of("dir:" + Files.createDirectories(volume.resolve("cold"))),
                        1,
                        1 << 30));
    }

    @Test
    void commandsAndAnswersComeThrough() throws Exception {
        ContainerId first = new ContainerId(0, 1);
        try (LocalTier tier = tier();
                TierServer _ =
                        TierServer.start(volume, tier.control(), tier.maintenance(), "/dev/null");
                RemoteTierControl remote = RemoteTierControl.connect(volume)) {
            assertThat(remote.node()).isEqualTo("/dev/null");
            TierControl control = remote.asControl();
            assertThat(control.containers()).isEmpty();
            control.open(first);
            assertThat(control.containers()).containsExactlyEntriesOf(tier.control().containers());
            assertThat(control.containers()).containsEntry(first, ContainerState.OPEN);
            ImageRecord image =
                    new ImageRecord(
                            0,
                            3,
                            1,
                            UUID.randomUUID(),
                            4096,
                            List.of(new DeviceExtent(1 << 20, 4096)),
                            new byte[32],
                            List.of(first),
                            77,
                            5);
            control.close(first, (1 << 20) + 4096, List.of(image), "{}".getBytes(UTF_8));
            control.awaitDestaged();
            assertThat(control.containers()).containsEntry(first, ContainerState.COLD);
            assertThat(control.evictAll()).isPositive();
            DeviceExtent extent = new DeviceExtent(1 << 20, 4096);
            assertThat(control.isResident(extent)).isFalse();
            control.recall(List.of(extent), Priority.FOREGROUND);
            assertThat(control.isResident(extent)).isTrue();
            assertThat(control.status()).isEqualTo(tier.control().status());
        }
    }

    @Test
    void failuresKeepTheirKindAndMessage() throws Exception {
        try (LocalTier tier = tier();
                TierServer _ =
                        TierServer.start(volume, tier.control(), tier.maintenance(), "/dev/null");
                RemoteTierControl remote = RemoteTierControl.connect(volume)) {
            TierControl control = remote.asControl();
            assertThatThrownBy(() -> control.open(new ContainerId(99, 1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the device has only 8 containers");
            control.open(new ContainerId(1, 1));
            assertThatThrownBy(() ->
                            control.close(new ContainerId(1, 1), 1 << 30, List.of(), new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("used end");
        }
    }

    @Test
    void whoHangsUpInterruptsTheCall() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        TierControl waiting =
                (TierControl)
                        Proxy.newProxyInstance(
                                TierControl.class.getClassLoader(),
                                new Class<?>[] {TierControl.class},
                                (_, method, _) -> {
                                    assertThat(method.getName()).isEqualTo("awaitDestaged");
                                    entered.countDown();
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        interrupted.countDown();
                                        throw e;
                                    }
                                    return null;
                                });
        Files.createDirectories(volume.resolve("tier"));
        try (TierServer _ = TierServer.start(volume, waiting, NO_MAINTENANCE, "/dev/null");
                RemoteTierControl remote = RemoteTierControl.connect(volume)) {
            AtomicReference<Throwable> seen = new AtomicReference<>();
            Thread caller =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    remote.asControl().awaitDestaged();
                                } catch (Exception e) {
                                    seen.set(e);
                                }
                            });
            assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            caller.join();
            assertThat(seen.get()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void callsWaitForTheNextOwner() throws Exception {
        try (LocalTier tier = tier()) {
            TierServer first =
                    TierServer.start(volume, tier.control(), tier.maintenance(), "/dev/null");
            try (RemoteTierControl remote = RemoteTierControl.connect(volume)) {
                TierControl control = remote.asControl();
                control.open(new ContainerId(2, 1));
                first.close();
                AtomicReference<Object> seen = new AtomicReference<>();
                Thread caller =
                        Thread.ofPlatform().start(() -> seen.set(control.containers().keySet()));
                caller.join(300);
                assertThat(caller.isAlive()).isTrue(); // nobody there yet: it waits
                try (TierServer _ =
                        TierServer.start(volume, tier.control(), tier.maintenance(), "/dev/null")) {
                    caller.join();
                }
                assertThat(seen.get()).isEqualTo(java.util.Set.of(new ContainerId(2, 1)));
            }
        }
    }

    @Test
    void aDeadOwnersSocketIsNoExport() throws Exception {
        assertThat(ExportedTier.find(volume, SMALL)).isEmpty();
        Files.createDirectories(volume.resolve("tier"));
        TierServer.start(
                        volume,
                        (TierControl)
                                Proxy.newProxyInstance(
                                        TierControl.class.getClassLoader(),
                                        new Class<?>[] {TierControl.class},
                                        (_, _, _) -> null),
                        NO_MAINTENANCE,
                        "/dev/null")
                .close();
        Files.createFile(TierSocket.in(volume));
        assertThat(ExportedTier.find(volume, SMALL)).isEmpty();
    }
}
