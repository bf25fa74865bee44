package io.arcfs.cli;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Brings the classes of a jar to a class-file version that the JVM keeps in its AOT cache; run on a
 * copy of the jar after a build. Classes below version 50 have no stack maps and are left out of
 * the cache: picocli's are of version 49, and parsing them anew took half of the time of a short
 * command (ADR 0092). What they do is not changed.
 */
public final class OldClasses {
    /** The first version whose classes must have stack maps. */
    private static final int FIRST_WITH_STACK_MAPS = 51;

    private static final int NEW_VERSION = ClassFile.JAVA_8_VERSION;

    private OldClasses() {}

    /**
     * @param arguments jars, each replaced by one whose classes are new enough
     */
    public static void main(String[] arguments) throws IOException {
        for (String argument : arguments) {
            renew(Path.of(argument));
        }
    }

    static void renew(Path jar) throws IOException {
        Path renewed = jar.resolveSibling(jar.getFileName() + ".new");
        try (JarFile in = new JarFile(jar.toFile(), false);
                URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(renewed))) {
            ClassFile format =
                    ClassFile.of(
                            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                            ClassFile.ClassHierarchyResolverOption.of(
                                    ClassHierarchyResolver.ofResourceParsing(classes)
                                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : entries(in)) {
                JarEntry copy = new JarEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(contentOf(in, entry, format));
                out.closeEntry();
            }
        }
        Files.move(renewed, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static List<JarEntry> entries(JarFile jar) {
        List<JarEntry> entries = new ArrayList<>();
        for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
            entries.add(all.nextElement());
        }
        return entries;
    }

    private static byte[] contentOf(JarFile jar, JarEntry entry, ClassFile format)
            throws IOException {
        byte[] bytes;
        try (InputStream in = jar.getInputStream(entry)) {
            bytes = in.readAllBytes();
        }
        if (!entry.getName().endsWith(".class")) {
            return bytes;
        }
        ClassModel model = format.parse(bytes);
        return model.majorVersion() < FIRST_WITH_STACK_MAPS
                ? format.transformClass(model, RENEW)
                : bytes;
    }

    private static final ClassTransform RENEW =
            ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                    .andThen((builder, element) -> {
                        if (element instanceof ClassFileVersion) {
                            builder.withVersion(NEW_VERSION, 0);
                        } else {
                            builder.with(element);
                        }
                    });
}
