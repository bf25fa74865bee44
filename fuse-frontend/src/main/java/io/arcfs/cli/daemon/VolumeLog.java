package io.arcfs.cli.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import io.arcfs.cli.recall.RecallCauses;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.slf4j.LoggerFactory;

/**
 * Sends the log of this process to VOLUME/log/arcfs.log, in a bounded number of files of bounded
 * size; who caused recalls stands in VOLUME/log/recalls.log. ARCFS_LOG=debug (or trace) in the
 * environment says more. Stateless.
 */
public final class VolumeLog {
    private static final String MAIN_FILE = "arcfs.log";
    private static final String RECALLS_FILE = "recalls.log";
    private static final long FILE_BYTES = 4 << 20;
    private static final int OLD_FILES = 4;
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %thread %logger{24}: %msg%n";

    private VolumeLog() {}

    public static void start(VolumeLayout layout) throws IOException {
        start(layout, MAIN_FILE);
    }

    /** To another file: only one process may write to one. */
    public static void start(VolumeLayout layout, String name) throws IOException {
        Files.createDirectories(layout.logDirectory());
        String file = layout.logDirectory().resolve(name).toString();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();

        RollingFileAppender<ILoggingEvent> appender = appender(context, file);
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(appender);
        if (name.equals(MAIN_FILE)) {
            Logger recalls = context.getLogger(RecallCauses.LOGGER);
            recalls.setAdditive(false);
            recalls.addAppender(
                    appender(context, layout.logDirectory().resolve(RECALLS_FILE).toString()));
        }
        context.getLogger("io.arcfs")
                .setLevel(Level.toLevel(System.getenv("ARCFS_LOG"), Level.INFO));
    }

    private static RollingFileAppender<ILoggingEvent> appender(LoggerContext context, String file) {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setName(file);
        appender.setFile(file);
        appender.setEncoder(encoder(context));

        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(appender);
        // Logback reads % in the pattern itself.
        window.setFileNamePattern(file.replace("%", "\\%") + ".%i");
        window.setMinIndex(1);
        window.setMaxIndex(OLD_FILES);
        window.start();
        appender.setRollingPolicy(window);

        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(FILE_BYTES));
        size.start();
        appender.setTriggeringPolicy(size);
        appender.start();
        return appender;
    }

    private static PatternLayoutEncoder encoder(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        return encoder;
    }
}
