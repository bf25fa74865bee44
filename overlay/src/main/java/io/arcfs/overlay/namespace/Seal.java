package io.arcfs.overlay.namespace;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.UpperLayer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the active layer read-only and starts the next one. It takes milliseconds: files that are
 * being appended to are cut where their last reserved append ends, and nobody waits for data.
 */
public final class Seal {
    private final Namespace namespace;
    private final Tree tree;
    private final Catalog catalog;
    private final Map<Node, InodeRecord> cut = new LinkedHashMap<>();
    private List<Node> carried = List.of();
    private int sealedLayer;

    private Seal(Namespace namespace) {
        this.namespace = namespace;
        this.tree = namespace.tree();
        this.catalog = namespace.catalog();
    }

    public static Seal of(Namespace namespace) {
        return new Seal(namespace);
    }

    public int sealedLayer() {
        return sealedLayer;
    }

    /** Files whose appends were not committed yet when the layer was sealed. */
    public int cutFiles() {
        return cut.size();
    }

    /** Seals the active layer; false if it holds nothing. */
    public boolean seal() throws IOException {
        tree.writeLock().lock();
        try {
            sealedLayer = tree.activeLayer();
            if (isEmpty(sealedLayer)) {
                return false;
            }
            carried = namespace.rewritable(sealedLayer);
            LayerStack before = tree.stack();
            List<Layer> layers = new ArrayList<>(before.layers());
            layers.addFirst(new UpperLayer(catalog, sealedLayer + 1));
            // First the stack, then the cuts: an append that reserves from now on sees the new
            // layer.
            tree.stack(before.with(layers));
            try {
                commitCuts();
            } catch (IOException e) {
                tree.stack(before);
                throw e;
            }
            cut.forEach(Node::sealed);
            namespace.references().seal();
            namespace.sealActive();
            CarryOver.nodes(namespace, sealedLayer, carried);
        } finally {
            tree.writeLock().unlock();
        }
        catalog.sync();
        Failpoint.SEAL_SYNCED.reach();
        return true;
    }

    private void commitCuts() throws IOException {
        try (CatalogBatch batch = catalog.batch()) {
            for (Node node : namespace.committer().unsynced()) {
                boolean concerned =
                        node.recordLayer() == sealedLayer
                                && !node.removed
                                && !carried.contains(node);
                InodeRecord record = concerned ? node.sealedRecord() : null;
                if (record != null) {
                    cut.put(node, record);
                    batch.putInode(sealedLayer, node.inode, record);
                }
            }
            batch.putLayer(LayerRecord.upper(sealedLayer, State.SEALED));
            batch.putLayer(LayerRecord.upper(sealedLayer + 1, State.ACTIVE));
            catalog.commit(batch, Sync.NO);
        }
        Failpoint.SEAL_COMMITTED.reach();
    }

    /** Waits for appends that were reserved in the sealed layer, and notes when they were done. */
    public void awaitAppends() throws IOException, InterruptedException {
        for (Map.Entry<Node, InodeRecord> file : cut.entrySet()) {
            file.getKey().awaitWritten(file.getValue().writtenEnd());
        }
        tree.readLock().lock();
        try (CatalogBatch batch = catalog.batch()) {
            for (Map.Entry<Node, InodeRecord> file : cut.entrySet()) {
                Node node = file.getKey();
                InodeRecord last = node.finished(file.getValue(), sealedLayer);
                if (last != null) {
                    batch.putInode(sealedLayer, node.inode, last);
                }
            }
            catalog.commit(batch, Sync.NO);
        } finally {
            tree.readLock().unlock();
        }
        Failpoint.SEAL_APPENDS_NOTED.reach();
    }

    /** The first layer is born with a root; any other that holds something was changed. */
    private boolean isEmpty(int layer) throws IOException {
        return layer == 0 ? !catalog.hasDirents(layer) : !catalog.hasInodes(layer);
    }
}
