package io.arcfs.it.kit;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class that leaves a mount, a loop device or a process of ours behind. */
public final class LeavesNothing implements AfterAllCallback {
    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> left = Scratch.leftovers();
        // A lazily released loop device or an ending process may need a moment.
        for (int i = 0; i < 50 && !left.isEmpty(); i++) {
            Thread.sleep(100);
            left = Scratch.leftovers();
        }
        if (!left.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " left behind: " + left);
        }
    }
}
