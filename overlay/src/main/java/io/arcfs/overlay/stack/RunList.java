package io.arcfs.overlay.stack;

import io.arcfs.overlay.catalog.InodeRecord.Run;
import io.arcfs.tier.DeviceExtent;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects runs in ascending file order, joining those that follow each other on file and device.
 */
public final class RunList {
    private final List<Run> runs = new ArrayList<>();

    public void add(long fileOffset, DeviceExtent extent) {
        if (!runs.isEmpty()) {
            Run last = runs.getLast();
            if (last.fileOffset() + last.extent().lengthBytes() == fileOffset
                    && last.extent().end() == extent.address()) {
                long joined = last.extent().lengthBytes() + extent.lengthBytes();
                runs.set(
                        runs.size() - 1,
                        new Run(
                                last.fileOffset(),
                                new DeviceExtent(last.extent().address(), joined)));
                return;
            }
        }
        runs.add(new Run(fileOffset, extent));
    }

    public List<Run> toList() {
        return List.copyOf(runs);
    }
}
