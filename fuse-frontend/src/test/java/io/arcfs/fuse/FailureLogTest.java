package io.arcfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FailureLogTest {
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = new LoggerContext().getLogger("test");
    private final FailureLog log = new FailureLog(logger);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @Test
    void repeatsAreCountedAndNotWritten() {
        for (int i = 0; i < 150; i++) {
            log.report("read", new IllegalStateException("disk on fire"));
        }

        assertThat(messages())
                .containsExactly(
                        "read failed, answered EIO; seen 1 times",
                        "read failed, answered EIO; seen 10 times",
                        "read failed, answered EIO; seen 100 times");
        assertThat(lines.list.getFirst().getLevel().toString()).isEqualTo("ERROR");
    }

    @Test
    void differentFailuresAreWrittenEach() {
        log.report("read", new IllegalStateException("one"));
        log.report("read", new IllegalStateException("two"));
        log.report("write", new IllegalStateException("one"));

        assertThat(messages()).hasSize(3);
    }

    @Test
    void endlesslyDifferentFailuresDoNotFillMemoryOrLog() {
        for (int i = 0; i < 100_000; i++) {
            log.report("read", new IllegalStateException("at offset " + i));
        }

        assertThat(messages()).hasSizeLessThan(300);
    }

    @Test
    void aFailureThatCannotEvenBePrintedIsSwallowed() {
        log.report(
                "read",
                new IllegalStateException() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String getMessage() {
                        throw new OutOfMemoryError("planted");
                    }
                });

        assertThat(messages()).isEmpty();
    }

    private List<String> messages() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
