package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.ReferenceSink;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes in memory by inode number: all that are referenced by lookups, open handles or unsynced
 * appends, and some that were lately. Thread-safe.
 */
final class NodeTable {
    private static final int IDLE_NODES = 16_384;

    private final Map<Long, Node> nodes = new HashMap<>();
    private final ArrayDeque<Node> idle = new ArrayDeque<>();

    synchronized @Nullable Node get(long inode) {
        return nodes.get(inode);
    }

    /** Adds a node, or gives the one that came first. */
    synchronized Node add(Node node) {
        Node known = nodes.putIfAbsent(node.inode, node);
        if (known == null) {
            becameIdle(node);
            return node;
        }
        return known;
    }

    /** Takes a lookup reference; gives the node that counts it. */
    Node reference(Node node) {
        return reference(node, 1);
    }

    /** Takes lookup references; gives the node that counts them. */
    synchronized Node reference(Node node, long references) {
        Node known = nodes.putIfAbsent(node.inode, node);
        Node counted = known == null ? node : known;
        counted.lookups += references;
        return counted;
    }

    /** Every node in use that has a name, the directories it lies in before it. */
    synchronized void references(ReferenceSink sink) {
        Set<Node> told = new HashSet<>();
        for (Node node : nodes.values()) {
            if (!isIdle(node)) {
                tell(node, sink, told);
            }
        }
    }

    private void tell(Node node, ReferenceSink sink, Set<Node> told) {
        if (node.removed || node.inode == FileSystem.ROOT_INODE || !told.add(node)) {
            return;
        }
        Node parent = nodes.get(node.parent);
        if (parent != null) {
            tell(parent, sink, told);
        }
        sink.reference(node.inode, node.parent, node.name, node.lookups);
    }

    synchronized void forget(Node node, long references) {
        node.lookups = Math.max(0, node.lookups - references);
        if (isIdle(node)) {
            becameIdle(node);
        }
    }

    synchronized void forgetAll() {
        for (Node node : List.copyOf(nodes.values())) {
            if (node.lookups > 0) {
                forget(node, node.lookups);
            }
        }
    }

    /** Counts an open handle; gives the node that counts it. */
    synchronized Node opened(Node node) {
        Node known = nodes.putIfAbsent(node.inode, node);
        Node counted = known == null ? node : known;
        counted.opens++;
        return counted;
    }

    /** Returns whether this was the last open handle. */
    synchronized boolean closed(Node node) {
        boolean last = --node.opens == 0;
        if (isIdle(node)) {
            becameIdle(node);
        }
        return last;
    }

    synchronized int openHandles() {
        return nodes.values().stream().mapToInt(n -> n.opens).sum();
    }

    private static boolean isIdle(Node node) {
        return node.lookups == 0 && node.opens == 0;
    }

    /** Keeps idle nodes for a while: the next path walk asks for the same directories. */
    private void becameIdle(Node node) {
        if (node.removed) {
            nodes.remove(node.inode);
            return;
        }
        idle.addLast(node);
        while (idle.size() > IDLE_NODES) {
            Node oldest = idle.removeFirst();
            if (isIdle(oldest) && !oldest.needsCommit() && oldest.inode != 1) {
                nodes.remove(oldest.inode, oldest);
            } else if (isIdle(oldest) && oldest.needsCommit()) {
                idle.addLast(oldest);
                return;
            }
        }
    }
}
