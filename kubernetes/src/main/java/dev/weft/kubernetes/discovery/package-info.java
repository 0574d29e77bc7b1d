/**
 * {@code kubernetes:}: Services and their endpoints as the API server has them. Open {@link
 * dev.weft.kubernetes.discovery.ServicesSource} first.
 */
package dev.weft.kubernetes.discovery;
