package io.arcfs.it.kit;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Asks {@code arc status} again and again while something else goes on. Thread-safe. */
public final class LayerWatch implements AutoCloseable {
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final TestVolume volume;
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread;

    private LayerWatch(TestVolume volume) {
        this.volume = volume;
        this.thread = new Thread(this::watch, "layer-watch");
    }

    public static LayerWatch of(TestVolume volume) {
        LayerWatch watch = new LayerWatch(volume);
        watch.thread.start();
        return watch;
    }

    /** The most layers that stood at one time, the upper included, until now. */
    public int mostLayers() {
        look();
        return most.get();
    }

    @Override
    public void close() {
        ending.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Throwable why = failure.get();
        if (why != null) {
            throw new AssertionError("status failed while the mount was busy", why);
        }
    }

    private void watch() {
        try {
            do {
                look();
            } while (!ending.await(BETWEEN.toMillis(), TimeUnit.MILLISECONDS));
        } catch (Throwable e) {
            failure.set(e);
        }
    }

    private void look() {
        int now = volume.layers().size();
        most.accumulateAndGet(now, Math::max);
    }
}
