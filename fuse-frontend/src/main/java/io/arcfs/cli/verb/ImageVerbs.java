package io.arcfs.cli.verb;

import io.arcfs.cli.ByteArguments;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.Humane;
import io.arcfs.cli.image.ImagePath;
import io.arcfs.cli.image.InodeText;
import io.arcfs.cli.image.MissingDeviceException;
import io.arcfs.cli.image.OpenImage;
import io.arcfs.cli.image.PosixTreeSink;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.check.Finding;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.extract.ExtractLimits;
import io.arcfs.erofs.extract.Extracted;
import io.arcfs.erofs.extract.TreeExtractor;
import io.arcfs.recovery.SafeText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code arc image ...}: EROFS images, ours or not, without mounting them. */
@Command(
        name = "image",
        description = "Look into an EROFS image, ours or not; make and merge images.",
        subcommands = {
            ImageVerbs.Ls.class,
            ImageVerbs.Cat.class,
            ImageVerbs.Stat.class,
            ImageVerbs.Check.class,
            ImageVerbs.Extract.class,
            ImageBuildVerb.class,
            ImageMergeVerb.class
        })
final class ImageVerbs implements Runnable {
    @Spec CommandSpec spec;

    @Mixin CommonOptions common = new CommonOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    ImageVerbs() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** A verb on one image: what it reports of a damaged one names the image. */
    abstract static class ImageVerb extends Verb {
        @Parameters(index = "0", paramLabel = "IMAGE", description = "an EROFS image")
        String imageFile = "";

        @Option(
                names = "--device",
                paramLabel = "FILE",
                description = "holds the data of a device slot; one per slot, in their order")
        List<String> devices = new ArrayList<>();

        abstract void run(OpenImage opened) throws Exception;

        @Override
        void run() throws Exception {
            try (OpenImage opened = OpenImage.open(imageFile, devices)) {
                run(opened);
            } catch (MissingDeviceException e) {
                throw new CommandFailure(
                        SafeText.of(imageFile),
                        String.valueOf(e.getMessage()),
                        "give --device FILE once per slot, in their order",
                        e);
            } catch (CorruptImageException | UnsupportedImageException e) {
                throw new CommandFailure(
                        SafeText.of(imageFile),
                        String.valueOf(e.getMessage()),
                        "see all findings with arc image check",
                        e);
            }
        }
    }

    /** {@code arc image ls}. */
    @Command(name = "ls", description = "List a directory of the image, or one file.")
    static final class Ls extends ImageVerb {
        @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "default /")
        String path = "/";

        @Override
        void run(OpenImage opened) throws Exception {
            ErofsImage image = opened.image();
            Inode inode = image.inode(ImagePath.of(path).resolve(image));
            if (!inode.isDirectory()) {
                out().println(InodeText.line(image, inode, ByteArguments.bytesOf(path)));
                return;
            }
            image.list(
                    inode.nid(),
                    (name, nid, _) -> out().println(InodeText.line(image, image.inode(nid), name)));
        }
    }

    /** {@code arc image cat}. */
    @Command(name = "cat", description = "Write a file of the image to standard output.")
    static final class Cat extends ImageVerb {
        private static final int BUFFER_BYTES = 1 << 20;

        @Parameters(index = "1", paramLabel = "PATH", description = "a file in the image")
        String path = "";

        @Override
        void run(OpenImage opened) throws Exception {
            ErofsImage image = opened.image();
            Inode inode = image.inode(ImagePath.of(path).resolve(image));
            if (!inode.isRegular()) {
                throw failure(SafeText.of(path), "is no regular file", "name a file");
            }
            byte[] buffer = new byte[BUFFER_BYTES];
            // Not closed: it is the process's, not this verb's.
            OutputStream stdout = new FileOutputStream(FileDescriptor.out);
            for (long offset = 0; offset < inode.size(); ) {
                int got = part(opened, inode, offset, buffer);
                stdout.write(buffer, 0, got);
                offset += got;
            }
        }

        private static int part(OpenImage opened, Inode inode, long offset, byte[] buffer)
                throws IOException {
            int got =
                    opened.image().read(inode.nid(), offset, MemorySegment.ofArray(buffer), opened);
            if (got <= 0) {
                throw new IOException("inode " + inode.nid() + " ends before its size");
            }
            return got;
        }
    }

    /** {@code arc image stat}. */
    @Command(name = "stat", description = "Show what the image says of a file, and where it lies.")
    static final class Stat extends ImageVerb {
        @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "default /")
        String path = "/";

        @Override
        void run(OpenImage opened) throws Exception {
            ErofsImage image = opened.image();
            if (path.equals("/")) {
                out().print(InodeText.summary(image));
            }
            Inode inode = image.inode(ImagePath.of(path).resolve(image));
            out().print(InodeText.details(image, inode));
            out().flush();
        }
    }

    /** {@code arc image extract}. */
    @Command(name = "extract", description = "Write the image's tree as files.")
    static final class Extract extends ImageVerb {
        @Parameters(index = "1", paramLabel = "DIR", description = "a new or empty directory")
        String directory = "";

        @Override
        void run(OpenImage opened) throws Exception {
            Path target = Path.of(directory);
            prepare(target);
            PosixTreeSink sink = new PosixTreeSink(target, progress());
            ErofsImage image = opened.image();
            Extracted extracted =
                    TreeExtractor.extract(image, image.rootNid(), opened, sink, ExtractLimits.NONE);
            if (extracted.unreadable() > 0) {
                throw failure(
                        SafeText.of(imageFile),
                        Humane.counted(extracted.unreadable(), "thing")
                                + " could not be read and the rest was extracted; the first is "
                                + sink.firstUnreadable().orElse("not known"),
                        "see all findings with arc image check");
            }
            if (sink.leftOut() > 0) {
                throw failure(
                        SafeText.of(directory),
                        "extracted without "
                                + Humane.counted(sink.leftOut(), "device or attribute")
                                + " that only root may make",
                        "extract as root");
            }
            say(
                    "extracted "
                            + Humane.counted(extracted.names(), "name")
                            + " to "
                            + SafeText.of(directory));
        }

        private static void prepare(Path target) throws CommandFailure, IOException {
            if (!Files.exists(target)) {
                Files.createDirectory(target);
                return;
            }
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
                if (entries.iterator().hasNext()) {
                    throw failure(
                            SafeText.of(target),
                            "the directory is not empty",
                            "name an empty or a new one");
                }
            }
        }
    }

    /** {@code arc image check}. */
    @Command(
            name = "check",
            description = "Check everything in the image; exit code 1 if anything is wrong.")
    static final class Check extends Verb {
        @Parameters(index = "0", paramLabel = "IMAGE", description = "an EROFS image")
        String imageFile = "";

        @Option(
                names = "--device",
                paramLabel = "FILE",
                description = "holds the data of a device slot; one per slot, in their order")
        List<String> devices = new ArrayList<>();

        @Override
        void run() throws Exception {
            List<Finding> findings = findings();
            findings.forEach(finding -> out().println(SafeText.of(finding.toString())));
            if (!findings.isEmpty()) {
                throw failure(
                        SafeText.of(imageFile),
                        Humane.counted(findings.size(), "finding"),
                        "make the image anew from what it was made of");
            }
            say(SafeText.of(imageFile) + ": no findings");
        }

        /** An image that cannot even be opened is one finding. */
        private List<Finding> findings() throws CommandFailure, IOException {
            try (OpenImage opened = OpenImage.open(imageFile, devices)) {
                return ImageChecker.check(opened.image(), opened.deviceLengths());
            } catch (CorruptImageException e) {
                return List.of(new Finding(e.offsetBytes(), "", e.reason()));
            } catch (UnsupportedImageException e) {
                return List.of(new Finding(0, "", String.valueOf(e.getMessage())));
            }
        }
    }
}
