package io.arcfs.uring;

/** Takes completions off a ring. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * One completion. May prepare and submit further requests.
     *
     * @param userData what the request carried
     * @param result bytes or another number of the operation; below 0 a negative error number
     * @param flags of the CQE
     */
    void completed(long userData, int result, int flags);
}
