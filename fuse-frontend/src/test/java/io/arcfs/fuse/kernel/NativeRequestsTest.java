package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Shell;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** How many requests things cost, and how large those are. */
class NativeRequestsTest extends OnNativeMount {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void directReadsAndWritesComeInRequestsOfOneMebibyte() throws Exception {
        sh("dd if=/dev/zero of=file bs=4M count=2 status=none");
        sh("dd if=file of=/dev/null bs=4M iflag=direct status=none");

        assertThat(nativeMount().counts().writeSizes()).containsOnlyKeys(MEBIBYTE);
        assertThat(nativeMount().counts().writeSizes()).containsEntry(MEBIBYTE, 8L);
        assertThat(nativeMount().counts().readSizes()).containsEntry(MEBIBYTE, 8L);
    }

    @Test
    void cachedReadsAreReadAheadAsTheKernelDoesByItself() throws Exception {
        sh("dd if=/dev/zero of=file bs=4M count=4 status=none");
        sh("cat file > /dev/null");

        // Heads are made for its window (ADR 0070): a larger one would pull cold bytes.
        assertThat(requests("read")).isLessThanOrEqualTo(16 * MEBIBYTE / (128 << 10) + 1);
    }

    @Test
    void aLongListingOfAThousandFilesCostsAtMostTwentyRequests() throws Exception {
        sh("mkdir d && cd d && seq -f file%04g 1000 | xargs touch");
        remount(MountOptions.DEFAULT); // nothing is cached, nothing is looked up
        long before = allRequests();

        assertThat(sh("ls -l d | grep -c file")).isEqualTo("1000");
        long cost = allRequests() - before - requests("getxattr");
        assertThat(cost).as("%s", nativeMount().requests()).isLessThanOrEqualTo(20);
        // ls itself asks for each file's ACL; nothing in the protocol brings it with the listing.
        assertThat(requests("getxattr")).isLessThanOrEqualTo(1010);

        long again = allRequests();
        assertThat(sh("ls -l d | grep -c file")).isEqualTo("1000");
        assertThat(requests("lookup")).isLessThanOrEqualTo(5);
        assertThat(allRequests() - again).isLessThanOrEqualTo(20);
    }

    @Test
    void withoutAclsNothingIsAskedOfAnyFile() throws Exception {
        sh("mkdir d && cd d && seq -f file%04g 1000 | xargs touch");
        remount(MountOptions.DEFAULT.with(MountOptions.Flag.ACL, false));
        long before = allRequests();

        assertThat(sh("ls -l d | grep -c file")).isEqualTo("1000");
        assertThat(allRequests() - before)
                .as("%s", nativeMount().requests())
                .isLessThanOrEqualTo(20);
        assertThat(Shell.run(root, "setfacl -m u:65534:r d/file0001").output())
                .contains("Operation not supported");
    }

    @Test
    void anUnchangedFileIsReadFromTheKernelTheSecondTime() throws Exception {
        sh("dd if=/dev/urandom of=file bs=1M count=3 status=none");
        String first = sh("md5sum file");
        long reads = requests("read");

        assertThat(sh("md5sum file")).isEqualTo(first);
        assertThat(sh("md5sum < file")).startsWith(first.substring(0, 32));
        assertThat(requests("read")).isEqualTo(reads);
    }

    @Test
    void whatIsNotThereIsAskedForOnce() throws Exception {
        assertThat(Shell.run(root, "cat missing").output()).contains("No such file");
        long lookups = requests("lookup");
        for (int i = 0; i < 5; i++) {
            assertThat(Shell.run(root, "cat missing").output()).contains("No such file");
        }
        assertThat(requests("lookup")).isEqualTo(lookups);

        Files.writeString(at("missing"), "here");
        assertThat(sh("cat missing")).isEqualTo("here");
        sh("rm missing");
        assertThat(Shell.run(root, "cat missing").output()).contains("No such file");
        sh(
                "mkdir -p d; mv d missing; ls missing; rmdir missing; ln -s x missing; readlink"
                        + " missing");
    }

    @Test
    void attributesAreAskedForOnceAndChangeWithWhatChangesThem() throws Exception {
        sh("echo 1 > a; ln a b; stat a b");
        long before = requests("getattr");
        sh("stat a b; stat a b");
        assertThat(requests("getattr")).isEqualTo(before);

        sh("echo 2 >> a");
        assertThat(sh("stat -c '%s %h' a b")).isEqualTo("4 2\n4 2");
        sh("chmod 600 b; rm a");
        assertThat(sh("stat -c '%s %h %a' b")).isEqualTo("4 1 600");
    }

    @Test
    void misalignedDirectReadsGetTheirBytes() throws Exception {
        String program =
                """
                import os
                data = os.urandom(200000)
                with open('file', 'wb') as f: f.write(data)
                f = os.open('file', os.O_RDONLY | os.O_DIRECT)
                for at, n in ((0, 1), (1, 511), (4095, 2), (511, 70001), (199999, 4096), (200000, 1)):
                    assert os.pread(f, n, at) == data[at:at + n], (at, n)
                w = os.open('file', os.O_WRONLY | os.O_DIRECT | os.O_APPEND)
                assert os.write(w, b'x' * 777) == 777
                assert os.pread(f, 1000, 199999) == data[-1:] + b'x' * 777
                print('same')
                """;
        assertThat(python(program)).isEqualTo("same");
    }
}
