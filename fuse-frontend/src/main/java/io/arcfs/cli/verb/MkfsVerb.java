package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.status.MountState;
import io.arcfs.cli.status.StatusSnapshot;
import io.arcfs.cli.status.StatusSnapshot.Moment;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.DescriptorException;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeDescriptor;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeMaker;
import io.arcfs.recovery.VolumeSettings;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc mkfs}: makes a volume. */
@Command(name = "mkfs", description = "Make a new volume in an empty or new directory.")
final class MkfsVerb extends Verb {
    @Parameters(paramLabel = "VOLUME", description = "directory of the volume, on SSD")
    String volume = "";

    @Option(
            names = "--cold",
            paramLabel = "SPEC",
            description =
                    "cold medium: dir:PATH, block:PATH or sim:PATH?...; repeatable; default a"
                            + " folder in the volume")
    List<String> cold = new ArrayList<>();

    @Option(
            names = "--copies",
            paramLabel = "N",
            description = "media that hold each container; default 1")
    @Nullable Integer copies;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "size of the device; default just under 16T, all sparse")
    @Nullable Long size;

    @Option(
            names = "--threshold",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "bytes of new data that start an archive round; default 475M")
    @Nullable Long threshold;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "any value of arc.json, for example archive.maxAge=1d; repeatable")
    List<String> values = new ArrayList<>();

    @Override
    void run() throws Exception {
        if (volume.isEmpty()) {
            throw failure("VOLUME", "is empty", "name a directory");
        }
        Path directory = Path.of(volume);
        VolumeLayout layout = make(directory, settings());
        VolumeDescriptor descriptor = DescriptorFile.read(layout.descriptor()).descriptor();
        say("made volume " + SafeText.of(layout.directory()) + " " + descriptor.uuid());
        for (ColdSpec spec : descriptor.cold()) {
            say("  cold medium " + SafeText.of(spec.resolveIn(layout.directory()).toString()));
        }
        say("next: " + arc() + " mount " + SafeText.of(volume) + " MOUNTPOINT");
    }

    /** Makes a volume and explains refusals; also what {@code arc up} does. */
    static VolumeLayout make(Path directory, VolumeSettings settings)
            throws CommandFailure, IOException {
        try {
            return VolumeMaker.make(
                    directory,
                    settings,
                    volume -> StatusSnapshot.keep(volume, MountState.IDLE, Moment.CLOSED));
        } catch (DirectoryNotEmptyException e) {
            throw new CommandFailure(
                    SafeText.of(directory),
                    "the directory is not empty",
                    "name an empty or a new one",
                    e);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    SafeText.of(String.valueOf(e.getFile())),
                    "no such directory",
                    "make it first, or check the path",
                    e);
        } catch (DescriptorException e) {
            // The file is not there yet: the words are the user's own.
            throw new CommandFailure(
                    "mkfs " + SafeText.of(directory), e.problem(), "see arc mkfs --help", e);
        }
    }

    private VolumeSettings settings() {
        Map<String, String> byKey = new LinkedHashMap<>();
        for (String value : values) {
            int equals = value.indexOf('=');
            if (equals < 1) {
                throw wrongArguments("--set '" + value + "' is not KEY=VALUE");
            }
            byKey.put(value.substring(0, equals), value.substring(equals + 1));
        }
        return new VolumeSettings(
                cold.stream().map(this::absolute).toList(),
                copies == null ? OptionalInt.empty() : OptionalInt.of(copies),
                size == null ? OptionalLong.empty() : OptionalLong.of(size),
                threshold == null ? OptionalLong.empty() : OptionalLong.of(threshold),
                byKey);
    }

    /** On the command line a relative path starts where the user is. */
    private String absolute(String spec) {
        try {
            ColdSpec parsed = ColdSpec.parse(spec);
            return new ColdSpec(
                            parsed.scheme(), parsed.path().toAbsolutePath(), parsed.parameters())
                    .toString();
        } catch (IllegalArgumentException e) {
            throw wrongArguments("--cold '" + spec + "' " + e.getMessage());
        }
    }
}
