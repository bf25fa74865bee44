package io.arcfs.cli.daemon;

import io.arcfs.posix.NotifySocket;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started this process and waits to hear how it does, if there is one: a
 * systemd unit of Type=notify. It is told once each; that it cannot be told is no failure of a
 * mount. Stateless.
 */
public final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    private static final String VARIABLE = "NOTIFY_SOCKET";

    private ServiceManager() {}

    public static void ready(String what) {
        tell("READY=1\nMAINPID=" + ProcessHandle.current().pid() + "\nSTATUS=" + what);
    }

    public static void stopping() {
        tell("STOPPING=1\nSTATUS=unmounting");
    }

    private static void tell(String state) {
        String socket = System.getenv(VARIABLE);
        if (socket == null || socket.isEmpty()) {
            return;
        }
        try {
            new NotifySocket(socket).send(state);
        } catch (IOException e) {
            LOG.warn("service manager not told reason={}", e.toString());
        }
    }
}
