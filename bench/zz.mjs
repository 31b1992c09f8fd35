import { Network } from "nablanet";
import { PlainNetwork } from "/work/main/bench/plain.mjs";
import { verify } from "/work/main/bench/verify.mjs";
import { selectWorks } from "/work/main/bench/works.mjs";
for(const work of selectWorks([])){
 const {inputs,layers,loss,optimizer,batchSize}=work;
 const data=work.data();
 let targets=data.targets;
 if(!targets){targets=new Float32Array(data.labels.length*data.classes);data.labels.forEach((l,i)=>{targets[i*data.classes+l]=1})}
 const network=await Network.create({inputs,layers,seed:7});
 const plain=new PlainNetwork(work,network.parameters());
 console.log(work.name,verify({...work},network,plain,{inputs:data.inputs,targets}));
}
