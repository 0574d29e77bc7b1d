/** Network namespaces that stand for pods, where this process is root. */
package dev.weft.testkit.net;
