/**
 * Who a workload is and how it proves it: SPIFFE ids, certificates, and the TLS made of them. Floor
 * 2. Open {@link dev.weft.routing.identity.WorkloadIdentity} first.
 */
package dev.weft.routing.identity;
