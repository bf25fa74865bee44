package io.arcfs.tier.medium;

import java.time.Duration;

/**
 * How a simulated magneto-electric disk behaves. Immutable.
 *
 * @param mount time of the first access after the medium was opened
 * @param locate time from one end of the medium to the other
 * @param bytesPerSecond rate of reading and writing where the medium stands
 * @param capacityBytes written places, freed ones too: it is append-only
 * @param scale seconds that really pass per second of the model; 0: none
 */
public record SimSettings(
        Duration mount, Duration locate, long bytesPerSecond, long capacityBytes, double scale) {
    /** Mount 30 s, locate up to 120 s, 60 MB/s, 24 TB, at full length. */
    public static final SimSettings DEFAULT =
            new SimSettings(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(120),
                    60_000_000,
                    24_000_000_000_000L,
                    1);

    /**
     * @throws IllegalArgumentException saying which parameter is wrong
     */
    static SimSettings of(SpecParameters parameters) {
        if (parameters.has("mount") && parameters.has("load")) {
            throw new IllegalArgumentException("has mount and load, which are the same");
        }
        Duration load = parameters.duration("load", DEFAULT.mount);
        return new SimSettings(
                parameters.duration("mount", load),
                parameters.duration("locate", DEFAULT.locate),
                (long) (parameters.number("mbps", 60, 0.001, 1e6) * 1e6),
                parameters.size("capacity", DEFAULT.capacityBytes),
                parameters.number("scale", DEFAULT.scale, 0, 1000));
    }

    AccessCosts costs() {
        return new AccessCosts(mount, locate, bytesPerSecond, capacityBytes);
    }
}
