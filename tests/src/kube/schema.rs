//! The shape of the kinds: which fields there are, how lists merge.
//!
//! One table serves four readers: strict decoding (`fieldValidation`), strategic merge patches, server-side apply and
//! the field sets of `managedFields`. It is written in a small notation, one line a type:
//! `field` is a leaf, `field=Type` a structure, `field=Type[key,..]` a list merged by keys (the first is the strategic
//! merge key), `field=Type[]` a list replaced as a whole, `field={}` a map merged by key, `field=[]` a set of scalars,
//! `field=!` anything, owned and replaced as a whole, and `field=?` anything, owned field by field.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How the value of a field is made and merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A scalar, or something replaced as a whole.
    Leaf,
    /// A list of scalars that merges like a set (`finalizers`).
    Set,
    /// A map from names to scalars, merged by key.
    Map,
    /// Anything, of which the fields are not known.
    Open,
    /// A structure of the named type.
    Struct(&'static str),
    /// A list of structures, merged by these keys.
    Keyed(&'static str, Vec<&'static str>),
    /// A list of structures, replaced as a whole.
    List(&'static str),
}

/// The fields of one type.
pub type Fields = HashMap<&'static str, Shape>;

static TYPES: LazyLock<HashMap<&'static str, Fields>> =
    LazyLock::new(|| TABLE.lines().filter_map(parse).collect());

/// The fields of a type; `None` for one that is not described.
pub fn fields(name: &str) -> Option<&'static Fields> {
    TYPES.get(name)
}

/// The shape of a whole object of this kind.
pub fn of_kind(kind: &str) -> Shape {
    TYPES
        .get_key_value(kind)
        .map_or(Shape::Open, |(name, _)| Shape::Struct(name))
}

impl Shape {
    /// The shape of one field of a value of this shape; `None` if there is no such field.
    pub fn field(&self, name: &str) -> Option<Shape> {
        match self {
            Shape::Struct(kind) => fields(kind)?.get(name).cloned(),
            Shape::Map => Some(Shape::Leaf),
            Shape::Open => Some(Shape::Open),
            _ => None,
        }
    }
}

fn parse(line: &'static str) -> Option<(&'static str, Fields)> {
    let (name, rest) = line.trim().split_once(": ")?;
    Some((name, rest.split_whitespace().map(field).collect()))
}

fn field(word: &'static str) -> (&'static str, Shape) {
    let Some((name, shape)) = word.split_once('=') else {
        return (word, Shape::Leaf);
    };
    let shape = match shape {
        "{}" => Shape::Map,
        "[]" => Shape::Set,
        "!" => Shape::Leaf,
        "?" => Shape::Open,
        other => match other.split_once('[') {
            None => Shape::Struct(other),
            Some((kind, "]")) => Shape::List(kind),
            Some((kind, keys)) => Shape::Keyed(kind, keys.trim_end_matches(']').split(',').collect()),
        },
    };
    (name, shape)
}

const TABLE: &str = "
    ObjectMeta: name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels={} annotations={} ownerReferences=OwnerReference[uid] finalizers=[] managedFields=!
    OwnerReference: apiVersion kind name uid controller blockOwnerDeletion
    LabelSelector: matchLabels={} matchExpressions=LabelSelectorRequirement[]
    LabelSelectorRequirement: key operator values=!
    Deployment: apiVersion kind metadata=ObjectMeta spec=DeploymentSpec status=WorkloadStatus
    DeploymentSpec: replicas selector=! template=PodTemplateSpec strategy=DeploymentStrategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds
    DeploymentStrategy: type rollingUpdate=RollingUpdate
    RollingUpdate: maxUnavailable maxSurge partition
    WorkloadStatus: observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas terminatingReplicas fullyLabeledReplicas conditions=Condition[type] collisionCount currentReplicas currentRevision updateRevision currentNumberScheduled numberMisscheduled desiredNumberScheduled numberReady updatedNumberScheduled numberAvailable numberUnavailable
    Condition: type status observedGeneration lastProbeTime lastUpdateTime lastTransitionTime lastHeartbeatTime reason message
    ReplicaSet: apiVersion kind metadata=ObjectMeta spec=ReplicaSetSpec status=WorkloadStatus
    ReplicaSetSpec: replicas minReadySeconds selector=! template=PodTemplateSpec
    StatefulSet: apiVersion kind metadata=ObjectMeta spec=StatefulSetSpec status=WorkloadStatus
    StatefulSetSpec: replicas selector=! template=PodTemplateSpec volumeClaimTemplates=! serviceName podManagementPolicy updateStrategy=DeploymentStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy=? ordinals=?
    DaemonSet: apiVersion kind metadata=ObjectMeta spec=DaemonSetSpec status=WorkloadStatus
    DaemonSetSpec: selector=! template=PodTemplateSpec updateStrategy=DeploymentStrategy minReadySeconds revisionHistoryLimit
    ControllerRevision: apiVersion kind metadata=ObjectMeta data=? revision
    PodTemplateSpec: metadata=ObjectMeta spec=PodSpec
    Pod: apiVersion kind metadata=ObjectMeta spec=PodSpec status=?
    PodSpec: volumes=Volume[name] initContainers=Container[name] containers=Container[name] ephemeralContainers=Container[name] restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector=! serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace securityContext=? imagePullSecrets=LocalObjectReference[name] hostname subdomain affinity=? schedulerName tolerations=Toleration[] hostAliases=HostAlias[ip] priorityClassName priority dnsConfig=? readinessGates=! runtimeClassName enableServiceLinks preemptionPolicy overhead={} topologySpreadConstraints=TopologySpreadConstraint[topologyKey,whenUnsatisfiable] setHostnameAsFQDN os=? hostUsers schedulingGates=LocalObjectReference[name] resourceClaims=ResourceClaim[name] resources=ResourceRequirements hostnameOverride
    LocalObjectReference: name
    ResourceClaim: name request source=? resourceClaimName resourceClaimTemplateName
    Toleration: key operator value effect tolerationSeconds
    HostAlias: ip hostnames=!
    TopologySpreadConstraint: maxSkew topologyKey whenUnsatisfiable labelSelector=! minDomains nodeAffinityPolicy nodeTaintsPolicy matchLabelKeys=!
    Container: name image command=! args=! workingDir ports=ContainerPort[containerPort,protocol] envFrom=EnvFromSource[] env=EnvVar[name] resources=ResourceRequirements resizePolicy=! restartPolicy restartPolicyRules=! volumeMounts=VolumeMount[mountPath] volumeDevices=VolumeDevice[devicePath] livenessProbe=Probe readinessProbe=Probe startupProbe=Probe lifecycle=? terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext=? stdin stdinOnce tty targetContainerName
    ContainerPort: name hostPort containerPort protocol hostIP
    EnvFromSource: prefix configMapRef=? secretRef=?
    EnvVar: name value valueFrom=EnvVarSource
    EnvVarSource: fieldRef=! resourceFieldRef=! configMapKeyRef=! secretKeyRef=! fileKeyRef=!
    ResourceRequirements: limits={} requests={} claims=ResourceClaim[name]
    VolumeMount: name readOnly recursiveReadOnly mountPath subPath mountPropagation subPathExpr
    VolumeDevice: name devicePath
    Probe: exec=ExecAction httpGet=HTTPGetAction tcpSocket=TCPSocketAction grpc=GRPCAction initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold terminationGracePeriodSeconds
    ExecAction: command=!
    HTTPGetAction: path port host scheme httpHeaders=!
    TCPSocketAction: port host
    GRPCAction: port service
    Volume: name hostPath=? emptyDir=? gcePersistentDisk=? awsElasticBlockStore=? gitRepo=? secret=? nfs=? iscsi=? glusterfs=? persistentVolumeClaim=? rbd=? flexVolume=? cinder=? cephfs=? flocker=? downwardAPI=? fc=? azureFile=? configMap=? vsphereVolume=? quobyte=? azureDisk=? photonPersistentDisk=? projected=? portworxVolume=? scaleIO=? storageos=? csi=? ephemeral=? image=?
    Service: apiVersion kind metadata=ObjectMeta spec=ServiceSpec status=?
    ServiceSpec: ports=ServicePort[port,protocol] selector=! clusterIP clusterIPs=! type externalIPs=! sessionAffinity loadBalancerIP loadBalancerSourceRanges=! externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig=? ipFamilies=! ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution
    ServicePort: name protocol appProtocol port targetPort nodePort
    ConfigMap: apiVersion kind metadata=ObjectMeta immutable data={} binaryData={}
    Secret: apiVersion kind metadata=ObjectMeta immutable data={} stringData={} type
    Namespace: apiVersion kind metadata=ObjectMeta spec=NamespaceSpec status=?
    NamespaceSpec: finalizers=!
    ServiceAccount: apiVersion kind metadata=ObjectMeta secrets=LocalObjectReference[name] imagePullSecrets=! automountServiceAccountToken
    Node: apiVersion kind metadata=ObjectMeta spec=NodeSpec status=NodeStatus
    NodeSpec: podCIDR podCIDRs=[] providerID unschedulable taints=Taint[] configSource=? externalID
    Taint: key value effect timeAdded
    NodeStatus: capacity={} allocatable={} phase conditions=Condition[type] addresses=NodeAddress[type] daemonEndpoints=? nodeInfo=? images=! volumesInUse=! volumesAttached=! config=? runtimeHandlers=! features=? declaredFeatures=!
    NodeAddress: type address
    Job: apiVersion kind metadata=ObjectMeta spec=JobSpec status=?
    JobSpec: parallelism completions activeDeadlineSeconds podFailurePolicy=? successPolicy=? backoffLimit backoffLimitPerIndex maxFailedIndexes selector=! manualSelector template=PodTemplateSpec ttlSecondsAfterFinished completionMode suspend podReplacementPolicy managedBy
    CronJob: apiVersion kind metadata=ObjectMeta spec=CronJobSpec status=?
    CronJobSpec: schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate=JobTemplateSpec successfulJobsHistoryLimit failedJobsHistoryLimit
    JobTemplateSpec: metadata=ObjectMeta spec=JobSpec
    HorizontalPodAutoscaler: apiVersion kind metadata=ObjectMeta spec=HorizontalPodAutoscalerSpec status=?
    HorizontalPodAutoscalerSpec: scaleTargetRef=! minReplicas maxReplicas metrics=! behavior=? targetCPUUtilizationPercentage
    PodDisruptionBudget: apiVersion kind metadata=ObjectMeta spec=PodDisruptionBudgetSpec status=?
    PodDisruptionBudgetSpec: minAvailable selector=! maxUnavailable unhealthyPodEvictionPolicy
    Ingress: apiVersion kind metadata=ObjectMeta spec=IngressSpec status=?
    IngressSpec: ingressClassName defaultBackend=? tls=! rules=!
    NetworkPolicy: apiVersion kind metadata=ObjectMeta spec=NetworkPolicySpec
    NetworkPolicySpec: podSelector=! ingress=! egress=! policyTypes=!
    Lease: apiVersion kind metadata=ObjectMeta spec=LeaseSpec
    LeaseSpec: holderIdentity leaseDurationSeconds acquireTime renewTime leaseTransitions strategy preferredHolder
    ResourceQuota: apiVersion kind metadata=ObjectMeta spec=ResourceQuotaSpec status=?
    ResourceQuotaSpec: hard={} scopeSelector=! scopes=!
    PersistentVolumeClaim: apiVersion kind metadata=ObjectMeta spec=PersistentVolumeClaimSpec status=?
    PersistentVolumeClaimSpec: accessModes=! selector=! resources=ResourceRequirements volumeName storageClassName volumeMode dataSource=! dataSourceRef=? volumeAttributesClassName
    Event: apiVersion kind metadata=ObjectMeta involvedObject=! reason message source=? firstTimestamp lastTimestamp count type eventTime series=? action related=! reportingComponent reportingInstance reportingController note regarding=! deprecatedSource=? deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount
    Scale: apiVersion kind metadata=ObjectMeta spec=ScaleSpec status=?
    ScaleSpec: replicas
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_type_is_described() {
        for (name, fields) in TYPES.iter() {
            for shape in fields.values() {
                if let Shape::Struct(kind) | Shape::Keyed(kind, _) | Shape::List(kind) = shape {
                    assert!(TYPES.contains_key(kind), "{name} names {kind}");
                }
            }
        }
    }

    #[test]
    fn containers_merge_by_name_and_ports_by_number() {
        let containers = of_kind("Pod")
            .field("spec")
            .and_then(|spec| spec.field("containers"));
        assert_eq!(containers, Some(Shape::Keyed("Container", vec!["name"])));
        assert_eq!(
            fields("Container").and_then(|container| container.get("ports")),
            Some(&Shape::Keyed("ContainerPort", vec!["containerPort", "protocol"]))
        );
    }
}
