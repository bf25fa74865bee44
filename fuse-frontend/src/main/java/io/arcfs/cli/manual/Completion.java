package io.arcfs.cli.manual;

import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Scripts that complete the command in a shell. Stateless. */
public enum Completion {
    BASH,
    ZSH,
    FISH;

    /** The script, from the model of the command. */
    public String scriptOf(CommandLine command) {
        return switch (this) {
            case BASH -> AutoComplete.bash("arc", command);
            case ZSH -> ZshCompletion.of(command);
            case FISH -> FishCompletion.of(command);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
