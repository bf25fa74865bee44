package io.arcfs.uring;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For tests that a kernel without io_uring cannot run: skipped with the reason there, failed when
 * {@code ARCFS_REQUIRE} names iouring.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(NeedsIoUring.Condition.class)
public @interface NeedsIoUring {
    /** Tries it. */
    final class Condition implements ExecutionCondition {
        /** For JUnit. */
        public Condition() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            try (IoUring _ = IoUring.open(RingSetup.entries(2))) {
                return ConditionEvaluationResult.enabled("io_uring works");
            } catch (java.io.IOException e) {
                String required = System.getenv().getOrDefault("ARCFS_REQUIRE", "");
                if (Arrays.asList(required.split(",", -1)).contains("iouring")) {
                    throw new AssertionError("required, but missing: iouring", e);
                }
                return ConditionEvaluationResult.disabled("iouring: " + e.getMessage());
            }
        }
    }
}
