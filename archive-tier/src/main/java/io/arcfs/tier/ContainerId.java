package io.arcfs.tier;

/**
 * One life of a container: its place on the device and its sequence number. A container is
 * write-once per sequence; reuse raises the sequence, so a stale reference is told from a live one.
 *
 * @param number place on the device, 0-based
 * @param sequence 1 for the first use
 */
public record ContainerId(int number, int sequence) implements Comparable<ContainerId> {
    public ContainerId {
        if (number < 0 || sequence < 1) {
            throw new IllegalArgumentException("container " + number + " sequence " + sequence);
        }
    }

    @Override
    public int compareTo(ContainerId other) {
        int byNumber = Integer.compare(number, other.number);
        return byNumber != 0 ? byNumber : Integer.compare(sequence, other.sequence);
    }

    @Override
    public String toString() {
        return "container " + number + "." + sequence;
    }
}
