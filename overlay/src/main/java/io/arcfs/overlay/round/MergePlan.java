package io.arcfs.overlay.round;

import io.arcfs.overlay.MergePolicy;
import io.arcfs.overlay.stack.ImageLayer;
import java.util.List;

/** Chooses the images that one merge makes one of. Stateless. */
public final class MergePlan {
    /** Images up to this size are of the lowest tier; each tier is four times the one below. */
    private static final long LOWEST_TIER_BYTES = 64 << 10;

    private static final int TIERS = 20;
    private static final int TIER_SHIFT = 2;

    private MergePlan() {}

    /**
     * @param oldestFirst every image of the stack
     * @param layers how many layers above the base, or of one tier, are enough
     * @return neighbours in the stack, oldest first; empty if there is nothing to do
     */
    public static List<ImageLayer> choose(
            List<ImageLayer> oldestFirst, MergePolicy policy, int layers) {
        return switch (policy) {
            case MANUAL -> List.of();
            case BASE -> oldestFirst.size() > layers ? oldestFirst : List.of();
            case TIERED -> lowestFullTier(oldestFirst, layers);
        };
    }

    /** The newest images that are all of a tier or below, for the lowest tier with enough. */
    private static List<ImageLayer> lowestFullTier(List<ImageLayer> images, int layers) {
        for (int tier = 0; tier < TIERS; tier++) {
            long largest = LOWEST_TIER_BYTES << (tier * TIER_SHIFT);
            int start = images.size();
            while (start > 0 && bytes(images.get(start - 1)) <= largest) {
                start--;
            }
            if (images.size() - start >= layers) {
                return images.subList(start, images.size());
            }
        }
        return List.of();
    }

    private static long bytes(ImageLayer image) {
        return image.layerRecord().requireImage().lengthBytes();
    }
}
