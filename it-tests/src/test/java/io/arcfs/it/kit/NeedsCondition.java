package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Skips a test whose {@link Needs} the machine lacks, writing the reason where {@code ./verify}
 * shows it, and fails it when the lacking capability is required.
 */
public final class NeedsCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<Needs> needs =
                context.getElement().flatMap(e -> AnnotationSupport.findAnnotation(e, Needs.class));
        if (needs.isEmpty()) {
            return ConditionEvaluationResult.enabled("needs nothing");
        }
        for (Capability capability : needs.get().value()) {
            Optional<String> missing = capability.missingBecause();
            if (missing.isPresent()) {
                String reason = capability.wireName() + ": " + missing.get();
                if (capability.isRequired()) {
                    throw new AssertionError("required, but missing: " + reason);
                }
                record(context.getDisplayName() + " skipped, " + reason);
                return ConditionEvaluationResult.disabled(reason);
            }
        }
        return ConditionEvaluationResult.enabled("all there");
    }

    private static void record(String line) {
        try {
            Path file = Project.target().resolve("skipped.txt");
            Files.createDirectories(Project.target());
            Files.writeString(
                    file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
