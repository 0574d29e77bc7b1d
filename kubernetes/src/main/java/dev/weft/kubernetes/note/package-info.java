/**
 * What is written on objects of the API server so that their owners read it there. Open {@link
 * dev.weft.kubernetes.note.ConfigMapNotes} first.
 */
package dev.weft.kubernetes.note;
