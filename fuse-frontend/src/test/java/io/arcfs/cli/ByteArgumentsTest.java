package io.arcfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteArgumentsTest {
    @Test
    void bytesThatAreNoUtf8SurviveTheWayThroughText() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            assertThat(ByteArguments.bytesOf(ByteArguments.textOf(bytes))).isEqualTo(bytes);
        }
    }

    @Test
    void validTextStaysItself() {
        String text = "a\u00e9\u20ac\ud83d\ude00\n";
        assertThat(ByteArguments.textOf(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
        assertThat(ByteArguments.bytesOf(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void lastWordsOfTheCommandLineAreTheArguments() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes("java\0-cp\0x\0Main\0evict\0".getBytes(StandardCharsets.UTF_8));
        line.write(0xFF);
        line.write(0);
        String[] restored =
                ByteArguments.tail(line.toByteArray(), new String[] {"evict", "\uFFFD"});
        assertThat(restored[0]).isEqualTo("evict");
        assertThat(ByteArguments.bytesOf(restored[1])).containsExactly(0xFF);
    }
}
