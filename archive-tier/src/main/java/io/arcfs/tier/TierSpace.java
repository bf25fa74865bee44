package io.arcfs.tier;

/**
 * How much the tier can still take, for statfs. Nothing of it is reserved.
 *
 * @param evictableBytes what {@link TierControl#evictAll} would free on the SSD, about: pinned
 *     bytes are left out, the heads that stay are not
 * @param coldFreeBytes what can still be put on as many media as there are to be copies, beside
 *     what waits for that on the SSD; media that never answered count as endless, since they keep
 *     nobody from writing now
 */
public record TierSpace(long evictableBytes, long coldFreeBytes) {}
