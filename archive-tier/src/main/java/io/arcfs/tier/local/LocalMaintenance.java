package io.arcfs.tier.local;

import io.arcfs.tier.TierMaintenance;
import java.io.IOException;

/** Maintenance of a tier in this process. Thread-safe. */
final class LocalMaintenance implements TierMaintenance {
    private final Destager destager;
    private final MediaChanges media;
    private final Scrubber scrubber;

    LocalMaintenance(Destager destager, MediaChanges media, Scrubber scrubber) {
        this.destager = destager;
        this.media = media;
        this.scrubber = scrubber;
    }

    @Override
    public void pauseDestage(boolean pause) throws IOException {
        destager.pause(pause);
    }

    @Override
    public boolean isDestagePaused() {
        return destager.isPaused();
    }

    @Override
    public void addMedium(String spec) throws IOException {
        media.add(spec);
    }

    @Override
    public void retireMedium(String spec) throws IOException, InterruptedException {
        media.retire(spec);
    }

    @Override
    public VerifyReport verify(VerifyRequest request) throws IOException {
        return scrubber.run(request, work -> {});
    }
}
